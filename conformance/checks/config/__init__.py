"""Checks of config.md."""
