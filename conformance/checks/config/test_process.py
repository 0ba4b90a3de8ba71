"""Process, User, Hostname, Domainname."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import base
from conformance.bundle.programs import holding
from conformance.runtime.caller import with_oom_score
from conformance.runtime.console import ConsoleSocket
from conformance.verdict.findings import Advisory, Finding
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("config.process.cwd.initial")
@pytest.mark.parametrize("cwd", ["/", "/srv", "/with space/deep"])
def test_program_starts_in_cwd(container: MakeContainer, cwd: str) -> None:
    facts = container(process={"cwd": cwd}, files={"/with space/deep": None}).facts()
    assert facts.cwd == cwd


@requirement("config.process.user.ids")
def test_program_runs_as_the_user(container: MakeContainer) -> None:
    facts = container(process={"user": {"uid": 1000, "gid": 1001}}).facts()
    assert (facts.uids, facts.gids) == ((1000,) * 3, (1001,) * 3)


@requirement("config.process.user.ids")
@needs("root")
def test_program_has_the_additional_groups_and_no_others(container: MakeContainer) -> None:
    facts = container(process={"user": {"uid": 1000, "gid": 1001, "additionalGids": [5, 60000]}}).facts()
    # It is not said whether the group itself is one of the supplementary groups.
    assert sorted(set(facts.groups) - {1001}) == [5, 60000]


@requirement("config.process.user.umask")
@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077])
def test_program_starts_with_the_umask(container: MakeContainer, umask: int) -> None:
    assert container(process={"user": {"umask": umask}}).facts().umask == umask


@requirement("config.process.user.umask.default")
def test_umask_is_the_caller_s_by_default(container: MakeContainer) -> None:
    before = os.umask(0o026)
    try:
        one = container().create()
    finally:
        os.umask(before)
    assert one.start().facts().umask == 0o026


@requirement("config.process.rlimits.applied")
def test_limits_are_in_force(container: MakeContainer) -> None:
    # None of them is higher than what a runtime without CAP_SYS_RESOURCE would have.
    limits = {"RLIMIT_NPROC": (500, 600), "RLIMIT_NOFILE": (512, 1024), "RLIMIT_STACK": (4 << 20, 8 << 20)}
    entries = [{"type": name, "soft": soft, "hard": hard} for name, (soft, hard) in limits.items()]
    facts = container(process={"rlimits": entries}).facts()
    assert {name: facts.limits[name] for name in limits} == limits


@requirement("config.process.capabilities.applied")
def test_capabilities_are_those_of_the_sets(container: MakeContainer) -> None:
    facts = container(
        process={
            "user": {"uid": 1000, "gid": 1000},
            "capabilities": {
                "bounding": ["CAP_KILL", "CAP_CHOWN", "CAP_SETUID"],
                "permitted": ["CAP_KILL", "CAP_CHOWN"],
                "effective": ["CAP_KILL", "CAP_CHOWN"],
                "inheritable": ["CAP_KILL", "CAP_CHOWN"],
                "ambient": ["CAP_KILL"],
            },
        }
    ).facts()
    found = facts.capability_sets
    # On Linux, execve leaves a user that is not root what is ambient (capabilities(7)); a sandbox may leave it all.
    assert {name: found[name] for name in ("bounding", "inheritable", "ambient")} == {
        "bounding": {"CAP_KILL", "CAP_CHOWN", "CAP_SETUID"},
        "inheritable": {"CAP_KILL", "CAP_CHOWN"},
        "ambient": {"CAP_KILL"},
    }
    assert found["permitted"] in ({"CAP_KILL"}, {"CAP_KILL", "CAP_CHOWN"})
    assert found["effective"] == found["permitted"]


@requirement("config.process.capabilities.applied")
def test_root_has_the_capabilities_of_the_sets_and_no_others(container: MakeContainer) -> None:
    assert container().facts().capability_sets["effective"] == set(base()["process"]["capabilities"]["effective"])


@requirement("config.process.capabilities.mapped")
@pytest.mark.parametrize("name", ["bounding", "ambient"])
def test_capability_that_nobody_knows_is_refused(container: MakeContainer, name: str) -> None:
    listed = [*base()["process"]["capabilities"].get(name, ()), "CAP_OF_NOBODY"]
    create_without_effect(container(process={"capabilities": {name: listed}}))


@requirement("config.process.no_new_privileges")
def test_program_cannot_gain_privileges(container: MakeContainer) -> None:
    assert container(process={"noNewPrivileges": True}).facts().no_new_privileges


@requirement("config.process.no_new_privileges")
def test_program_can_gain_privileges_without_that_setting(container: MakeContainer) -> None:
    if container(process={"noNewPrivileges": False}).facts().no_new_privileges:
        # Only what true means is defined.
        raise Advisory("no_new_privs is not set with noNewPrivileges false", "it is set")


@requirement("config.process.oom_score_adj.applied")
@pytest.mark.parametrize("score", [100, 1000])
def test_oom_score_adj_is_as_configured(container: MakeContainer, score: int) -> None:
    inside = container(process={"oomScoreAdj": score}).facts().text("/proc/self/oom_score_adj").strip()
    # A sandbox may have a procfs of its own, which knows nothing of the host's memory.
    one = container(program=holding(), process={"oomScoreAdj": score}).hold()
    outside = Path(f"/proc/{one.pid}/oom_score_adj").read_text(encoding="ascii").strip()
    if str(score) not in (inside, outside):
        raise Finding(f"oom_score_adj is {score}", f"it is {inside} in the container, and {outside} outside")


@requirement("config.process.oom_score_adj.unchanged")
def test_oom_score_adj_is_the_caller_s_by_default(container: MakeContainer) -> None:
    score = min(int(Path("/proc/self/oom_score_adj").read_text(encoding="ascii")) + 77, 1000)
    with with_oom_score(score):
        inside = container().facts().text("/proc/self/oom_score_adj").strip()
        one = container(program=holding()).hold()
        outside = Path(f"/proc/{one.pid}/oom_score_adj").read_text(encoding="ascii").strip()
    # As above.
    if str(score) not in (inside, outside):
        raise Finding(f"oom_score_adj is {score}", f"it is {inside} in the container, and {outside} outside")


@requirement("config.process.terminal.allocated")
def test_terminal_is_the_standard_streams(container: MakeContainer) -> None:
    one = container(process={"terminal": True})
    with ConsoleSocket(one.directory) as socket:
        one.create("--console-socket", socket.path).start()
        facts = one.facts_in(socket.read_to_end(one.runtime.deadline))
    assert sorted(facts.terminals) == [0, 1, 2]
    assert len({terminal.file.identity for terminal in facts.terminals.values()}) == 1


@requirement("config.process.terminal.allocated")
def test_there_is_no_terminal_by_default(container: MakeContainer) -> None:
    assert container().facts().terminals == {}


@requirement("config.hostname.set")
def test_hostname_is_as_configured(container: MakeContainer) -> None:
    assert container(hostname="mrs-dalloway.example").facts().hostname == "mrs-dalloway.example"


@requirement("config.domainname.set")
def test_domainname_is_as_configured(container: MakeContainer) -> None:
    assert container(domainname="bloomsbury.example").facts().domainname == "bloomsbury.example"
