"""The validator."""
