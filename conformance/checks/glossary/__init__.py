"""Checks of glossary.md."""
