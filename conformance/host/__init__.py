"""The host: what it has, and what checks need of it."""
