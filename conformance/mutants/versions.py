"""Mutants that follow the rules of one version of the specification, whichever a config is of."""

from __future__ import annotations

import re

from conformance.mutants.mutant import mutant


def read_as(version: str) -> None:
    """Judge and run every config as if it were of this version."""
    from reference_runtime import documents

    read = documents.read
    documents.read = lambda path: _of_version(read(path), version)


def _of_version(content: bytes, version: str) -> bytes:
    # Every config of the suite is written like this; what is not is to be refused for it.
    return re.sub(rb'"ociVersion": "1\.[0-3]\.\d+"', f'"ociVersion": "{version}"'.encode(), content)


@mutant("config.process.capabilities.not_fatal")
def rules_are_those_of_1_0_2() -> None:
    """What 1.1.0 and later versions have changed is as it was before."""
    read_as("1.0.2")


@mutant("config.mounts.destination.linux.relative")
def rules_are_those_of_1_1_0() -> None:
    """What 1.2.0 and later versions have changed is as it was before."""
    read_as("1.1.0")


@mutant(
    "runtime.lifecycle.hooks.poststart.failure.error",
    "runtime.lifecycle.hooks.poststart.failure.stopped",
    "config_linux.resources.pids.limit.optional",
)
def rules_are_those_of_1_2_1() -> None:
    """What 1.3.0 has changed is as it was before."""
    read_as("1.2.1")
