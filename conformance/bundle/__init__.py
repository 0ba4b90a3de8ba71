"""Bundles: config.json and a root filesystem, made afresh for each container."""
