"""Sphinx's configuration. What pages show of the code is taken from it at build time, by `directives`."""  # noqa: INP001

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(sys.path[0]))

from conformance import __version__

project = "oci-conform"
author = "the authors of oci-conform"
project_copyright = "the authors of oci-conform, Apache License 2.0"
version = release = __version__

extensions = ["myst_parser", "directives"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
# "--" is the beginning of an option.
smartquotes = False

html_theme = "furo"
html_title = f"oci-conform {__version__}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_show_sphinx = False
html_copy_source = False
