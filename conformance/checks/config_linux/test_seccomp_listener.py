"""Seccomp: the listener; The Container Process State.

The filters notify of umask(2), which is nothing that a runtime does between loading a filter and executing the program.
When the state is sent is not said: by the end of `start`, it has been.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import attempting, calling
from conformance.container import CREATED, CREATING, RUNNING
from conformance.runtime.seccomp_agent import SeccompAgent, answer, is_waited_for, next_call
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.runtime.seccomp_agent import Delivery

pytestmark = needs("seccomp.notify")

NOTIFY = "SCMP_ACT_NOTIFY"
METADATA = 'MKNOD=/dev/null;"ümlaut" \\ {}'


def notifying(path: str, **properties: Any) -> dict[str, Any]:
    """A filter that notifies a listener at a path."""
    entry = {"names": ["umask"], "action": NOTIFY}
    return {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": path, "syscalls": [entry], **properties}


@pytest.fixture
def one(container: MakeContainer) -> Container:
    """A container that is not created yet, whose program makes a system call with the argument 7."""
    return container(program=attempting(calling("umask", 7)))


@pytest.fixture
def agent(one: Container) -> Iterator[SeccompAgent]:
    """An agent that listens, at the `listenerPath` of the container."""
    with SeccompAgent(one.directory) as listening:
        one.configure(linux={"seccomp": notifying(listening.path)})
        yield listening


def delivery_of(one: Container, agent: SeccompAgent) -> Delivery:
    """What comes to the agent when the container is created and started."""
    one.create_supporting(NOTIFY).start()
    return agent.receive(one.soon())


def run_to_end(one: Container, listener: int) -> str:
    """Answer the call of the program, and return the error that it saw."""
    identifier, arguments = next_call(listener, one.soon())
    assert arguments[0] == 7
    # No error that anything else would give.
    assert answer(listener, identifier, 113)
    return one.attempts()[0].error


@requirement(
    "config_linux.seccomp.listener.path",
    "config_linux.seccomp.listener.seccomp_fd",
    "config_linux.seccomp.constants",
)
def test_agent_answers_the_system_call(one: Container, agent: SeccompAgent) -> None:
    assert run_to_end(one, delivery_of(one, agent).listener) == "EHOSTUNREACH"


@requirement("config_linux.seccomp.listener.path")
@pytest.mark.parametrize("uid", [0, 1000])
@pytest.mark.parametrize("no_new_privileges", [False, True], ids=["privileges", "no-new-privileges"])
def test_state_is_sent_whatever_the_rights(
    one: Container, agent: SeccompAgent, uid: int, no_new_privileges: bool
) -> None:
    one.configure(process={"noNewPrivileges": no_new_privileges, "user": {"uid": uid, "gid": uid}})
    assert run_to_end(one, delivery_of(one, agent).listener) == "EHOSTUNREACH"


@requirement("config_linux.seccomp.listener.path", "config_linux.seccomp.default_action")
def test_agent_is_told_of_what_the_default_action_is_for(one: Container, agent: SeccompAgent) -> None:
    from conformance.validation.system_calls import NAMES

    entry = {"names": sorted(NAMES - {"umask"}), "action": "SCMP_ACT_ALLOW"}
    one.configure(linux={"seccomp": notifying(agent.path, defaultAction=NOTIFY, syscalls=[entry])})
    one.create_supporting(f"{NOTIFY} as the default action").start()
    assert run_to_end(one, agent.receive(one.soon()).listener) == "EHOSTUNREACH"


@requirement("config_linux.container_process_state.json")
def test_state_is_one_json_object(one: Container, agent: SeccompAgent) -> None:
    assert delivery_of(one, agent).state


@requirement("config_linux.container_process_state.state")
def test_state_has_the_state_of_the_container(one: Container, agent: SeccompAgent) -> None:
    one.configure(annotations={"org.example.key": "value"})
    process_state = delivery_of(one, agent).state
    state = process_state.get("state")
    assert isinstance(state, dict), f"`state` is {state!r}"
    reported = one.state()
    names = ("id", "bundle", "pid", "annotations")
    assert {name: state.get(name) for name in names} == {name: reported.get(name) for name in names}
    # When it is sent, and so what the status is by then, is not said.
    assert state.get("status") in (CREATING, CREATED, RUNNING)


@requirement("config_linux.container_process_state.oci_version")
def test_state_has_a_version(one: Container, agent: SeccompAgent) -> None:
    demand_version(delivery_of(one, agent).state)


@requirement("config_linux.container_process_state.state")
def test_state_of_the_container_has_a_version(one: Container, agent: SeccompAgent) -> None:
    demand_version(delivery_of(one, agent).state.get("state"))


def demand_version(state: object) -> None:
    """The version in a state is one of those of the specification that have such states."""
    version = state.get("ociVersion") if isinstance(state, dict) else None
    if not isinstance(version, str) or version.split(".")[0] != "1":
        raise Finding("`ociVersion` is a version of the specification, 1.0.0 or later", f"it is {version!r}")


@requirement("config_linux.container_process_state.pid")
def test_state_has_the_pid_of_the_container_process(one: Container, agent: SeccompAgent) -> None:
    pid = delivery_of(one, agent).state.get("pid")
    assert pid == one.pid


@requirement("config_linux.seccomp.listener.metadata", "config_linux.container_process_state.metadata")
def test_state_has_the_metadata(one: Container, agent: SeccompAgent) -> None:
    one.configure(linux={"seccomp": notifying(agent.path, listenerMetadata=METADATA)})
    assert delivery_of(one, agent).state.get("metadata") == METADATA


@requirement("config_linux.container_process_state.metadata")
def test_state_has_no_metadata_without_any(one: Container, agent: SeccompAgent) -> None:
    assert delivery_of(one, agent).state.get("metadata", "") == ""


@requirement(
    "config_linux.seccomp.listener.descriptors",
    "config_linux.container_process_state.rights",
    "config_linux.container_process_state.fds",
)
def test_every_descriptor_has_a_name(one: Container, agent: SeccompAgent) -> None:
    delivery = delivery_of(one, agent)
    assert delivery.descriptors
    assert all(isinstance(name, str) for name in delivery.names), f"`fds` is {delivery.names}"
    assert len(delivery.names) == len(delivery.descriptors)


@requirement("config_linux.container_process_state.fds.order", "config_linux.seccomp.listener.seccomp_fd")
def test_name_is_at_the_index_of_its_descriptor(one: Container, agent: SeccompAgent) -> None:
    listener = delivery_of(one, agent).listener
    assert os.readlink(f"/proc/self/fd/{listener}") == "anon_inode:seccomp notify"


@requirement("config_linux.container_process_state.first_message")
def test_descriptors_come_with_the_first_message(one: Container, agent: SeccompAgent) -> None:
    first, *others = delivery_of(one, agent).parts
    assert first[1]
    assert [descriptors for _, descriptors in others if descriptors] == []


@requirement("config_linux.seccomp.listener.closed")
def test_connection_is_closed(one: Container, agent: SeccompAgent) -> None:
    if not delivery_of(one, agent).ended:
        raise Finding("the connection is closed after the state was sent", "it is still open, and `start` has ended")


@requirement("config_linux.seccomp.listener.one_state", "config_linux.seccomp.listener.not_reused")
def test_one_state_is_sent(one: Container, agent: SeccompAgent) -> None:
    delivery = delivery_of(one, agent)
    run_to_end(one, delivery.listener)
    one.wait().delete()
    # Two documents in one connection are no JSON.
    assert delivery.state
    assert not agent.waiting, "somebody connects a second time"


def demand_failure(one: Container) -> None:
    """Neither does the container come to run, nor does the runtime say so."""
    created = one.attempt_create()
    if created.ok and one.attempt("start").ok:
        raise Finding("a state that cannot be sent is an error", "`create` and `start` exit with 0")
    assert one.runs == 0


@requirement("config_linux.seccomp.listener.failed")
@pytest.mark.parametrize("left", [False, True], ids=["nothing there", "nobody listens"])
def test_state_that_cannot_be_sent_is_an_error(one: Container, left: bool) -> None:
    path = one.directory / "nobody"
    if left:
        descriptor = os.open(one.directory, os.O_PATH | os.O_DIRECTORY)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as abandoned:
            abandoned.bind(f"/proc/self/fd/{descriptor}/nobody")
        os.close(descriptor)
        assert path.is_socket()
    one.configure(linux={"seccomp": notifying(str(path))})
    demand_failure(one)


@requirement("config_linux.seccomp.listener.socket")
@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_SEQPACKET], ids=["datagram", "seqpacket"])
def test_socket_of_another_type_is_an_error(one: Container, kind: int) -> None:
    with SeccompAgent(one.directory, kind) as agent:
        one.configure(linux={"seccomp": notifying(agent.path)})
        demand_failure(one)
        assert not agent.waiting, "something was sent"


@requirement("config_linux.seccomp.listener.ignored")
@pytest.mark.parametrize("listens", [False, True], ids=["nothing there", "somebody listens"])
def test_listener_path_is_ignored_without_notifications(
    container: MakeContainer, one: Container, agent: SeccompAgent, listens: bool
) -> None:
    entry = {"names": ["umask"], "action": "SCMP_ACT_ERRNO"}
    without: dict[str, Any] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [entry]}
    container(linux={"seccomp": without}).create_supporting("seccomp")
    path = agent.path if listens else str(one.directory / "nobody")
    one.configure(linux={"seccomp": {**without, "listenerPath": path}})
    assert one.create().start().attempts()[0].error == "EPERM"
    assert not agent.waiting, "somebody connects"


@requirement("config_linux.seccomp.flags")
@needs("process.visible")
def test_signals_do_not_interrupt_a_call_that_the_agent_has_received(one: Container, agent: SeccompAgent) -> None:
    flag = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
    one.configure(linux={"seccomp": notifying(agent.path, flags=[flag])})
    one.create_supporting(flag).start()
    listener = agent.receive(one.soon()).listener
    identifier, _ = next_call(listener, one.soon())
    # The program has a handler for this one.
    os.kill(one.pid, signal.SIGSYS)
    end = one.soon()
    while is_waited_for(listener, identifier) and not waits_with_a_signal(one.pid) and time.monotonic() < end:
        # Nothing tells that the process goes on to wait.
        time.sleep(0.001)
    if not answer(listener, identifier, 113):
        raise Finding("a signal does not interrupt a call that the agent has received", "it did")
    assert one.attempts()[0].error == "EHOSTUNREACH"


def waits_with_a_signal(pid: int) -> bool:
    """Whether a process is in a wait that only a signal which kills it would end, and has another one (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return fields["State"].startswith("D") and int(fields["ShdPnd"], 16) != 0
