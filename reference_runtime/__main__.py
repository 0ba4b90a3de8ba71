"""`python -m reference_runtime`, and the file that is run as a script with `python -I -S`."""

import os
import sys

# With -I, neither the directory of a script nor PYTHONPATH is searched.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from reference_runtime.cli import main

status = main()
# There is nothing to tear down, and the interpreter would take its time for it.
os._exit(status)
