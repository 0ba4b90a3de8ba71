"""The runtime as an ordinary user calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge
from conformance.lanes import entering
from conformance.lanes.rootless import ROOTLESS
from reference_runtime import host, plan, rootless, state
from reference_runtime.config import NEWEST_VERSION, Config
from reference_runtime.errors import SyscallFailed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime

DELEGATED = host.Hierarchy("/sys/fs/cgroup/mine", "cgroup2", ("pids",))
FOREIGN = host.Hierarchy("/sys/fs/cgroup", "cgroup2", (), writable=False)


def paths(privileged: bool, **linux: Any) -> set[str]:
    """The cgroups that a container is attached to, on a host with both."""
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": linux})
    steps = plan.build(
        Config(document, "/bundle", "one"), host.Host([DELEGATED, FOREIGN], lambda _: False, privileged=privileged)
    )
    return {step.arguments["path"] for step in steps if step.action == "cgroups.groups.attach"}


def test_ordinary_user_gets_the_cgroups_that_can_be_made() -> None:
    assert paths(privileged=False) == {"/sys/fs/cgroup/mine/one"}
    assert paths(privileged=True) == {"/sys/fs/cgroup/mine/one", "/sys/fs/cgroup/one"}


@pytest.mark.parametrize("linux", [{"cgroupsPath": "/one"}, {"resources": {"pids": {"limit": 7}}}])
def test_what_is_asked_for_is_not_left_out(linux: dict[str, Any]) -> None:
    assert len(paths(privileged=False, **{"cgroupsPath": "/one", **linux})) == 2


def test_state_directory_of_an_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    monkeypatch.setattr("os.geteuid", lambda: 7)
    assert state.default_root() == "/run/user/7/oci-reference-runtime"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert state.default_root() == state.DEFAULT_ROOT
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("os.geteuid", lambda: 7)
    assert state.default_root() == state.DEFAULT_ROOT


@pytest.mark.parametrize(("status", "problem"), [("exit 0", None), ("exit 1", "newuidmap of"), (None, "newuidmap")])
def test_other_ids_are_mapped_by_a_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: str | None, problem: str | None
) -> None:
    program = tmp_path / "newuidmap"
    if status:
        program.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/words\n{status}\n', encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if status else str(tmp_path))
    try:
        rootless.map_ids(17, "uid", ["0 7 1\n", "1 100000 65536\n"])
        failure = ""
    except SyscallFailed as error:
        failure = str(error)
    assert bool(failure) == (problem is not None)
    assert (problem or "") in failure
    if status:
        assert (tmp_path / "words").read_text(encoding="utf-8") == "17 0 7 1 1 100000 65536\n"


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("path", ["/nothing", "/usr/sbin:/usr/bin:/sbin:/bin"], ids=["own IDs", "subordinate IDs"])
def test_container_of_an_ordinary_user(runtime: Runtime, path: str) -> None:
    if obstacle := ROOTLESS.obstacle():
        pytest.skip(obstacle)
    runtime.make_bundle("facts")
    # The base configuration is another one there, for it has the IDs of the user.
    script = f"""
import json, os, sys
from conformance.bundle.config import base
os.environ["PATH"] = {path!r}
home = os.environ["HOME"]
document = {{"ociVersion": "{NEWEST_VERSION}", "root": {{"path": "{runtime.bundle.rootfs}"}}}}
os.mkdir(f"{{home}}/bundle")
with open(f"{{home}}/bundle/config.json", "w") as file:
    json.dump({{**base(), **document}}, file)
os.chdir(f"{{home}}/bundle")
words = {runtime.words("run")!r}
words[4] = f"--root={{home}}/state"
os.execv(words[0], [*words, "one"])
"""
    with entering.directory() as files:
        status, output = entering.run(ROOTLESS, [runtime.interpreter, "-c", script], files, quiet=True)
    assert status == 0
    facts = json.loads(output)
    assert (facts["uids"], facts["gids"], facts["groups"]) == ([0] * 3, [0] * 3, [])
    assert facts["hostname"] == "oci-conform"
