"""A name that is meant is found, and one that is not is not made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.validation.spelling import edits, nearest, typo_of

NAMES = ("hostname", "domainname", "process", "root", "mounts", "hooks", "linux", "vm", "uid", "uidMappings", "gid")
WORDS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "abc", 0),
        ("abc", "abd", 1),
        ("abc", "ab", 1),
        ("abc", "acb", 1),
        ("abc", "cab", 2),
        ("ab", "ba", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_edits_are_counted(one: str, other: str, number: int) -> None:
    assert edits(one, other) == number


@given(WORDS, WORDS, WORDS)
def test_edits_are_symmetric_and_no_more_than_the_longer_word(one: str, other: str, third: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))
    assert (edits(one, other) == 0) == (one == other)
    # Insertions lead from one word to another by way of their parts.
    assert edits(one + third, other + third) <= edits(one, other)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("hostName", "hostname"),
        ("Hostname", "hostname"),
        ("hostnme", "hostname"),
        ("hsotname", "hostname"),
        ("mount", "mounts"),
        ("rooot", "root"),
        ("uidMapping", "uidMappings"),
        ("uidmappings", "uidMappings"),
        ("VM", "vm"),
        ("name", None),
        ("xy", None),
        ("v", None),
        ("", None),
        ("annotations", None),
        ("boot", "root"),
        ("hostname" * 20, None),
    ],
)
def test_slip_is_found(name: str, meant: str | None) -> None:
    assert typo_of(name, NAMES) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("net", "network"),
        ("mnt", "mount"),
        ("pids", "pid"),
        ("PID", "pid"),
        ("netns", None),
        ("cgroups", "cgroup"),
        ("time_for_children", None),
        ("p", None),
        ("xxxx", None),
        ("", None),
    ],
)
def test_value_that_may_be_meant_is_found(value: str, meant: str | None) -> None:
    assert nearest(value, ("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time")) == meant


def test_part_of_several_is_not_decided() -> None:
    assert nearest("SCHED", ("SCHED_OTHER", "SCHED_FIFO")) is None
    assert nearest("FIFO", ("SCHED_OTHER", "SCHED_FIFO")) == "SCHED_FIFO"


@given(st.sampled_from([name for name in NAMES if len(name) > 5]), st.data())
def test_any_name_with_one_wrong_letter_is_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    written = data.draw(st.sampled_from([name[:at] + name[at + 1 :], f"{name[:at]}x{name[at:]}", name.upper()]))
    assert typo_of(written, NAMES) == name
    assert nearest(written, NAMES) == name
