"""The checks: a package for each document of the specification, a module for each of its sections.

One function is one observation, named for what must hold. What was seen stands left of what was expected.
"""
