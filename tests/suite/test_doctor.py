"""`oci-conform doctor`: which needs are met, where, and why not."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance.cli import doctor
from conformance.cli.doctor import Diagnosis
from conformance.host import host, needs
from conformance.host.needs import NEEDS, Need
from conformance.lanes.cgroup2 import CGROUP2
from conformance.lanes.survey import Seen

if TYPE_CHECKING:
    from tests.conftest import Run, Suite

OF_RUNTIME = [name for name, need in NEEDS.items() if need.met is None]

CGROUP = {"cgroup": NEEDS["cgroup"].lack}


def diagnosis(probe_compiled: bool = True, **lanes: Seen) -> Diagnosis:
    return Diagnosis(lanes, "/cache/probe", probe_compiled, {"runc": "/usr/bin/runc"})


def line(found: Diagnosis, need: str) -> str:
    """What is said of a need."""
    (text,) = [text for text in doctor._as_text(found) if text.split()[0] == need]
    return text.split(maxsplit=1)[1]


def document(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_need_that_is_met_somewhere_is_met() -> None:
    found = diagnosis(host=Seen(unmet=CGROUP), cgroup2=Seen())
    assert found.met_in("cgroup") == ["cgroup2"]
    assert line(found, "cgroup") == f"met in cgroup2; not in host: {NEEDS['cgroup'].lack}"
    assert line(found, "root") == "met in host, cgroup2"
    assert found.is_well


def test_need_that_is_met_nowhere() -> None:
    found = diagnosis(host=Seen(unmet=CGROUP), vm=Seen(obstacle="no QEMU"))
    assert line(found, "cgroup") == f"NOT MET: {NEEDS['cgroup'].lack}"
    assert line(found, "vm") == "closed: no QEMU"
    assert not found.is_well


def test_need_that_takes_a_special_machine_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NEEDS, "resctrl", Need("no resctrl", lambda _: False, special=True))
    found = diagnosis(host=Seen(unmet={"resctrl": "no resctrl"}))
    assert line(found, "resctrl") == "takes a special machine: no resctrl"
    assert found.is_well


def test_need_of_the_runtime_is_not_known_without_one() -> None:
    found = diagnosis(host=Seen(unknown=OF_RUNTIME))
    assert line(found, OF_RUNTIME[0]) == "about the runtime, which the preflight tells: --runtime=..."
    assert found.met_in(OF_RUNTIME[0]) == []
    assert found.is_well


def test_probe_that_cannot_be_compiled_is_not_well() -> None:
    assert not diagnosis(probe_compiled=False, host=Seen()).is_well


def test_machine_where_nothing_can_be_entered_is_not_well() -> None:
    assert not diagnosis(host=Seen(obstacle="no")).is_well


def test_host_is_seen_as_runs_see_it(suite: Suite) -> None:
    run = suite.command("doctor", "--lane=host", "--format=json")
    found = document(run)
    unmet = needs.unmet(host.detect(), dict.fromkeys(OF_RUNTIME, True))
    assert found["lanes"]["host"]["unmet"] == unmet
    assert found["lanes"]["host"]["unknown"] == OF_RUNTIME
    assert list(found["needs"]) == list(NEEDS)
    assert {name for name, need in found["needs"].items() if need["met_in"]} == NEEDS.keys() - unmet.keys() - {
        *OF_RUNTIME
    }
    assert found["probe"]["compiled"]
    missing = [name for name in unmet if not NEEDS[name].special]
    assert run.status == (1 if missing else 0)
    assert run.stderr == ""


def test_lanes_are_looked_at_from_inside(suite: Suite) -> None:
    if obstacle := CGROUP2.obstacle():
        pytest.skip(obstacle)
    found = document(suite.command("doctor", "--lane=cgroup2", "--lane=rootless", "--format=json"))
    assert "cgroup v2" in found["lanes"]["cgroup2"]["host"]
    assert "root" in found["lanes"]["rootless"]["unmet"]
    assert found["needs"]["root"]["met_in"] == ["cgroup2"]
    assert suite.left == []


def test_runtime_is_asked_in_each_lane(suite: Suite) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    runtime = suite.runtime('exec $REFERENCE "$@"')
    found = document(suite.command("doctor", f"--runtime={runtime}", "--format=json"))
    assert found["lanes"]["host"]["unknown"] == []
    assert found["needs"]["process.visible"]["met_in"] == ["host", "cgroup1", "cgroup2", "rootless"]
    assert "rootless" not in found["needs"]["cgroup.managed"]["met_in"]
    assert suite.left == []


def test_runtime_that_does_not_exist_closes_every_lane(suite: Suite) -> None:
    run = suite.command("doctor", "--lane=host", "--runtime=/nothing")
    assert (run.status, run.has_traceback) == (1, False)
    assert "  host      closed: cannot use the runtime /nothing" in run.stdout


def test_probe_is_said_not_to_be_compiled(suite: Suite) -> None:
    run = suite.command("doctor", "--lane=host", env={"CC": "/nothing", "XDG_CACHE_HOME": str(suite.directory)})
    assert run.status == 1
    assert "cannot compile the probe with `/nothing" in run.stdout


def test_wrong_deadline_is_wrong_usage(suite: Suite) -> None:
    run = suite.command("doctor", "--runtime-timeout=soon")
    assert (run.status, run.has_traceback) == (2, False)
