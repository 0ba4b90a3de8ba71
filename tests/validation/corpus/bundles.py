"""Bundles: directories around a config."""

from __future__ import annotations

import dataclasses

CONFIG = ("bundle.config.required", "bundle.config.in_root", "bundle.config.name")
ROOT = ("config.root.path.is_directory",)


@dataclasses.dataclass(frozen=True)
class ValidBundle:
    """A bundle without any finding. `files` are paths in it: of the config, if it ends so, or of directories.

    `root` is `root.path` of the config.
    """

    name: str
    files: tuple[str, ...]
    conforms: tuple[str, ...]
    root: str = "rootfs"


@dataclasses.dataclass(frozen=True)
class InvalidBundle:
    """A bundle with one error, which breaks these requirements."""

    name: str
    files: tuple[str, ...]
    rule: str
    path: str
    breaks: tuple[str, ...]
    root: str = "rootfs"


VALID_BUNDLES = [
    ValidBundle("bundle", ("config.json", "rootfs"), (*CONFIG, *ROOT)),
    ValidBundle(
        "bundle whose root filesystem is deeper", ("config.json", "images/one/rootfs"), ROOT, "images/one/rootfs"
    ),
]

INVALID_BUNDLES = [
    InvalidBundle("empty directory", (), "bundle.config", "$", CONFIG),
    InvalidBundle("config in a directory", ("etc/config.json", "rootfs"), "bundle.config", "$", CONFIG),
    InvalidBundle("config of another case", ("Config.json", "rootfs"), "bundle.config", "$", CONFIG),
    InvalidBundle("config of another name", ("container/spec.json", "rootfs"), "bundle.config", "$", CONFIG),
    InvalidBundle("root filesystem that is missing", ("config.json",), "bundle.root", "$.root.path", ROOT),
    InvalidBundle("root filesystem of another case", ("config.json", "RootFS"), "bundle.root", "$.root.path", ROOT),
    InvalidBundle(
        "root filesystem that is a file",
        ("config.json", "a/rootfs.json"),
        "bundle.root",
        "$.root.path",
        ROOT,
        "a/rootfs.json/rootfs",
    ),
]
