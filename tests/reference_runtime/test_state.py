"""The state directory: IDs, locks, what is written, and what is made of it when it is damaged."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from typing import TYPE_CHECKING

import jsonschema
import pytest

from conformance.bundle.config import base
from conformance.resources import schema_path
from reference_runtime import documents
from reference_runtime.config import Config
from reference_runtime.errors import ContainerExists, InvalidIdentifier, NoSuchContainer, RuntimeFault
from reference_runtime.processes import start_time
from reference_runtime.state import CREATED, CREATING, RUNNING, STOPPED, StateDirectory
from reference_runtime.steps import CONTAINER, DELETE, RUNTIME, START, Step

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 20.0
CONFIG = Config({"ociVersion": "1.3.0", **base(), "annotations": {"a": "b"}}, "/bundle", "one")
MAKE = Step("cgroups.groups.make", "a.b", where=RUNTIME, undo="cgroups.groups.remove", path="/a")
FORK = Step("init.fork", "a.b", where=RUNTIME, undo="init.kill")


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    one = StateDirectory(str(tmp_path / "root"), "one")
    one.make()
    return one


@pytest.mark.parametrize("identifier", ["a", "A9", "0", "-a", "_", "+", "a.b", "..a", "a..", "x" * 255])
def test_valid_identifiers(tmp_path: Path, identifier: str) -> None:
    StateDirectory(str(tmp_path), identifier).make()
    assert os.listdir(tmp_path) == [identifier]


@pytest.mark.parametrize(
    "identifier",
    ["", ".", "..", "...", "/", "a/b", "../a", "/a", "a\n", "a b", "a\0", "a:b", "ä", "\udcff", "x" * 256, "a\\b", "~"],
)
def test_invalid_identifiers(tmp_path: Path, identifier: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        StateDirectory(str(tmp_path / "root"), identifier)
    assert caught.value.identifier == identifier
    assert str(caught.value).isprintable()


def test_identifier_is_claimed_once(state: StateDirectory) -> None:
    with pytest.raises(ContainerExists) as caught:
        StateDirectory(os.path.dirname(state.path), "one").make()
    assert str(caught.value) == "container one exists already"


def test_everything_is_for_the_owner_alone(state: StateDirectory) -> None:
    old = os.umask(0)
    try:
        state.record(CONFIG, 0, creating=True)
        state.keep([])
        state.journal(MAKE)
    finally:
        os.umask(old)
    modes = {name: stat.S_IMODE(os.stat(state.file(name)).st_mode) for name in os.listdir(state.path)}
    assert modes == {"state.json": 0o600, "plan": 0o600, "journal": 0o600}
    assert stat.S_IMODE(os.stat(state.path).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(os.path.dirname(state.path)).st_mode) == 0o700


def test_relative_root_is_found_from_another_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one = StateDirectory("root", "one")
    one.make()
    monkeypatch.chdir("/")
    assert os.path.isdir(one.path)


# Status


def test_state_is_that_of_the_specification(state: StateDirectory) -> None:
    state.record(CONFIG, os.getpid(), creating=False)
    with open(schema_path("state"), encoding="utf-8") as file:
        jsonschema.validate(state.report(), json.load(file))
    expected = {"ociVersion": "1.3.0", "id": "one", "bundle": "/bundle", "annotations": {"a": "b"}, "pid": os.getpid()}
    assert state.report() == {**expected, "status": RUNNING}


def test_status_while_the_runtime_is_at_work(state: StateDirectory) -> None:
    state.record(CONFIG, 0, creating=True)
    other = StateDirectory(os.path.dirname(state.path), "one")
    assert other.report()["status"] == CREATING
    assert "pid" not in other.report()


def test_status_after_the_runtime_was_killed_at_work(state: StateDirectory) -> None:
    state.record(CONFIG, os.getpid(), creating=True)
    state.unlock()
    assert state.report()["status"] == STOPPED


def test_status_before_and_after_start(state: StateDirectory) -> None:
    state.record(CONFIG, os.getpid(), creating=False)
    os.mkfifo(state.file("exec.fifo"))
    assert state.report()["status"] == CREATED
    os.unlink(state.file("exec.fifo"))
    assert state.report()["status"] == RUNNING


def test_status_when_the_process_has_ended(state: StateDirectory) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    state.record(CONFIG, child, creating=False)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    # Ended and not reaped.
    assert state.report()["status"] == STOPPED
    os.waitpid(child, 0)
    assert state.report()["status"] == STOPPED
    assert "pid" not in state.report()


def test_process_that_got_the_same_id_later_is_another(state: StateDirectory) -> None:
    state.record(CONFIG, os.getpid(), creating=False)
    recorded = state.recorded()
    assert recorded["started"] == start_time(os.getpid())
    documents.write(state.file("state.json"), documents.encode({**recorded, "started": 1}).encode())
    assert state.report()["status"] == STOPPED


# Locks


class Waiting:
    """Another operation on the container, in a thread, which waits for the lock."""

    def __init__(self, state: StateDirectory) -> None:
        self.error: RuntimeFault | None = None
        self._state = StateDirectory(os.path.dirname(state.path), state.identifier)
        self._thread = threading.Thread(target=self._lock)
        self._thread.start()
        self._wait_until_blocked(os.stat(state.path).st_ino)

    def _lock(self) -> None:
        try:
            self._state.lock()
            self._state.unlock()
        except RuntimeFault as error:
            self.error = error

    def _wait_until_blocked(self, inode: int) -> None:
        # proc(5): a lock that is waited for has an arrow in its line.
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._thread.is_alive():
            with open("/proc/locks", encoding="ascii") as file:
                if any("->" in line and f":{inode} " in line for line in file):
                    return
            time.sleep(0.001)
        raise AssertionError("it does not wait for the lock")

    def finish(self) -> None:
        """Wait until the other operation has ended."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def test_one_operation_at_a_time(state: StateDirectory) -> None:
    waiting = Waiting(state)
    state.unlock()
    waiting.finish()
    assert waiting.error is None


def test_operation_that_waited_for_a_delete_finds_nothing(state: StateDirectory) -> None:
    waiting = Waiting(state)
    state.remove()
    state.unlock()
    waiting.finish()
    assert isinstance(waiting.error, NoSuchContainer)


def test_operation_that_waited_is_not_for_a_container_made_since(state: StateDirectory) -> None:
    waiting = Waiting(state)
    state.remove()
    StateDirectory(os.path.dirname(state.path), "one").make()
    state.unlock()
    waiting.finish()
    assert isinstance(waiting.error, NoSuchContainer)


def test_no_lock_without_a_container(tmp_path: Path) -> None:
    with pytest.raises(NoSuchContainer):
        StateDirectory(str(tmp_path), "one").lock()


# Plan and journal


def test_steps_of_later_operations_are_kept(state: StateDirectory) -> None:
    later = Step("hooks.run", "a.b", "$.hooks.poststop[0]", where=RUNTIME, when=DELETE, hook={"path": "/h"})
    state.keep([FORK, Step("process.execute", "a.b", where=CONTAINER, when=START), later])
    assert [step.document() for step in state.kept()] == [later.document()]


def test_journal_is_in_the_order_of_the_steps(state: StateDirectory) -> None:
    assert (state.began(), state.journaled()) == (False, [])
    for step in (MAKE, Step("mounts.pivot", "a.b"), FORK):
        state.journal(step)
    expected = [
        {"action": "cgroups.groups.remove", "arguments": {"path": "/a"}},
        {"action": "init.kill", "arguments": {}},
    ]
    assert state.journaled() == state.undo == expected
    assert state.began()


def test_step_that_was_not_taken_is_forgotten(state: StateDirectory) -> None:
    state.journal(MAKE)
    state.journal(FORK)
    state.forget(FORK)
    assert state.journaled() == state.undo == [{"action": "cgroups.groups.remove", "arguments": {"path": "/a"}}]


def test_step_without_an_undo_is_not_journaled(state: StateDirectory) -> None:
    state.journal(MAKE)
    step = Step("mounts.pivot", "a.b")
    state.journal(step)
    state.forget(step)
    assert len(state.journaled()) == len(state.undo) == 1


@pytest.mark.parametrize("kept", range(1, 20))
def test_journal_whose_last_line_is_cut_off(state: StateDirectory, kept: int) -> None:
    state.journal(MAKE)
    whole = os.path.getsize(state.file("journal"))
    state.journal(FORK)
    os.truncate(state.file("journal"), whole + kept)
    assert state.journaled() == [{"action": "cgroups.groups.remove", "arguments": {"path": "/a"}}]


def test_journal_of_paths_with_line_breaks(state: StateDirectory) -> None:
    for path in ("/a\nb", "/a\u2028b", "/a\\nb"):
        state.journal(Step("cgroups.groups.make", "a.b", undo="cgroups.groups.remove", path=path))
    assert [entry["arguments"]["path"] for entry in state.journaled()] == ["/a\nb", "/a\u2028b", "/a\\nb"]


def test_container_is_forgotten(state: StateDirectory) -> None:
    state.record(CONFIG, 0, creating=True)
    state.journal(MAKE)
    state.remove()
    assert not os.path.exists(state.path)


def test_remove_that_is_killed_halfway_leaves_no_journal(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in (MAKE, FORK):
        state.journal(step)
    state.record(CONFIG, 0, creating=True)
    state.keep([])
    removed: list[str] = []
    unlink = os.unlink

    def unlink_one(path: str) -> None:
        if removed:
            raise KeyboardInterrupt
        removed.append(os.path.basename(path))
        unlink(path)

    monkeypatch.setattr(os, "unlink", unlink_one)
    with pytest.raises(KeyboardInterrupt):
        state.remove()
    assert removed == ["journal"]
    assert not state.began()
