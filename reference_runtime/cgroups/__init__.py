"""Control groups (config-linux.md, Control groups)."""
