"""Checks of command-line-interface.md."""
