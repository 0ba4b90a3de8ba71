"""Checks of runtime-linux.md."""
