"""The pytest plugin. It is loaded in every pytest run of the environment that it is installed in, so it imports
nothing before there is a check to run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

CHECKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checks")
"""The directory of the checks."""

SELECTION = "conformance.cli.selection"
"""The plugin that `oci-conform run` brings."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    from conformance.options import add_to_pytest

    add_to_pytest(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; where checks are to run, bring in what runs them."""
    config.addinivalue_line("markers", "requirement(*ids): what the check observes; every check has at least one")
    config.addinivalue_line("markers", "needs(*names): what the host must have for the check")
    if concerns_checks(config):
        from conformance.session import configure

        configure(config)


def concerns_checks(config: pytest.Config) -> bool:
    """Whether the checks are among what this run collects: it is one of `oci-conform run`, a runtime is named, or one of
    the arguments leads there.
    """
    if config.getoption("conformance_runtime", default=None) or config.pluginmanager.hasplugin(SELECTION):
        return True
    if hasattr(config, "workerinput"):
        return "conformance" in config.workerinput
    return any(_leads_to_checks(str(config.invocation_params.dir), str(argument)) for argument in config.args)


def _leads_to_checks(directory: str, argument: str) -> bool:
    path = argument.partition("::")[0]
    if path.split(".")[0] == "conformance" and not os.path.exists(os.path.join(directory, path)):
        # With --pyargs, the name of a package.
        return True
    path = os.path.normpath(os.path.join(directory, path))
    if path == CHECKS or path.startswith(CHECKS + os.sep):
        return True
    # From above, but not into a virtual environment, where pytest does not look either.
    below = CHECKS.removeprefix(path.rstrip(os.sep) + os.sep)
    return below != CHECKS and "site-packages" not in below.split(os.sep)
