"""Checks of bundle.md."""
