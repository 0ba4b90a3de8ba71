"""Tests of the suite: of its machinery, and that it catches what it should."""
