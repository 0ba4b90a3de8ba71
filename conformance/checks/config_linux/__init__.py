"""Checks of config-linux.md."""
