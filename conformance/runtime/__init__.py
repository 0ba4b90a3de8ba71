"""The runtime under test, and how it is called."""
