"""Checks of runtime.md."""
