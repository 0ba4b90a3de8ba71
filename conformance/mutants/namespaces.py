"""Mutants whose container is not as much by itself as it should be."""

from __future__ import annotations

from conformance.mutants.environment import leave_out_namespace
from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@mutant("config_linux.namespaces.network.isolated")
def network_is_the_one_of_the_host() -> None:
    """No new network namespace is made."""
    leave_out_namespace("network")


@mutant("config_linux.namespaces.ipc.isolated")
def ipc_is_the_one_of_the_host() -> None:
    """No new ipc namespace is made."""
    leave_out_namespace("ipc")


@mutant("config_linux.namespaces.uts.isolated")
def names_are_those_of_the_host() -> None:
    """No new uts namespace is made, and no name is set."""
    leave_out_namespace("uts")
    without("namespaces.set_hostname")


@mutant("config_linux.namespaces.cgroup.isolated")
def cgroup_is_seen_from_the_host() -> None:
    """No new cgroup namespace is made."""
    leave_out_namespace("cgroup")


@mutant("config_linux.namespaces.user.isolated")
def root_is_the_one_of_the_host() -> None:
    """No new user namespace is made, and no ID is mapped."""
    left_out = ("namespaces.map_ids", "namespaces.become_root")
    leave_out_namespace("user")
    transform_plan(lambda steps: [step for step in steps if step.action not in left_out])


@mutant("config_linux.id_mappings.ownership")
def files_are_given_to_the_mapped_root() -> None:
    """The files of the root filesystem get the owner that root is mapped to."""
    import os

    from reference_runtime import namespaces

    original = namespaces.map_ids

    def map_ids(context: Any, kind: str, mappings: list[dict[str, Any]]) -> None:
        original(context, kind, mappings)
        for directory, directories, files in os.walk(context.config.rootfs):
            for name in (*directories, *files):
                os.chown(os.path.join(directory, name), mappings[0]["hostID"], -1, follow_symlinks=False)

    namespaces.map_ids = map_ids
