"""Linux Process: apparmorProfile and selinuxLabel."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import attempting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.fixtures import MakeContainer
    from conformance.session import Session

# A profile that allows everything but one file.
PROFILE = """profile {name} flags=(attach_disconnected,mediate_deleted) {{
  capability, network, mount, remount, umount, pivot_root, signal, ptrace, unix, dbus,
  / rwkl,
  /** rwlkmix,
  deny /srv/secret rw,
}}
"""

FILES = {"/srv/secret": "secret"}


@pytest.fixture
def profile(conformance_session: Session) -> Iterator[str]:
    """The name of an AppArmor profile, which is loaded meanwhile."""
    name = f"{conformance_session.name}-{conformance_session.worker}"
    content = PROFILE.format(name=name).encode()
    subprocess.run(["apparmor_parser", "--replace", "--skip-cache"], input=content, check=True, capture_output=True)
    yield name
    subprocess.run(["apparmor_parser", "--remove"], input=content, check=True, capture_output=True)


@requirement("config.process.apparmor_profile.applied")
@needs("apparmor")
def test_process_runs_with_the_profile(profile: str, container: MakeContainer) -> None:
    facts = container(process={"apparmorProfile": profile}).facts()
    assert facts.text("/proc/self/attr/current").strip() == f"{profile} (enforce)"


@requirement("config.process.apparmor_profile.applied")
@needs("apparmor")
@pytest.mark.parametrize("no_new_privileges", [False, True])
def test_profile_is_enforced(profile: str, container: MakeContainer, no_new_privileges: bool) -> None:
    process = {"apparmorProfile": profile, "noNewPrivileges": no_new_privileges}
    one = container(program=attempting(["read", "/srv/secret"]), files=FILES, process=process)
    assert one.attempts()[0].error == "EACCES"


@requirement("config.process.selinux_label.applied")
@needs("selinux")
def test_process_runs_with_the_label(container: MakeContainer) -> None:
    # That of the suite, which may certainly be used here, with other categories.
    user, role, type_ = Path("/proc/self/attr/current").read_text(encoding="utf-8").rstrip("\0\n").split(":")[:3]
    label = f"{user}:{role}:{type_}:s0:c123,c456"
    facts = container(process={"selinuxLabel": label}).facts()
    assert facts.text("/proc/self/attr/current").rstrip("\0\n") == label
