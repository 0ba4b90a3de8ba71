"""Checks of features.md and features-linux.md."""
