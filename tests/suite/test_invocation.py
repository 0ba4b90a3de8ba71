"""One command of the runtime: its end, its output, its record."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.runtime.invocation import Invocation, Running, readable
from conformance.runtime.streams import KEPT, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE = 60.0


def running(script: str, **keywords: object) -> Running:
    """A shell script that runs."""
    return Running(
        ["/bin/sh", "-c", script],
        operation="create",
        cwd="/",
        environment={"PATH": os.environ["PATH"]},
        **keywords,  # type: ignore[arg-type]
    )


def call(script: str, deadline: float = DEADLINE) -> Invocation:
    return running(script).finish(deadline)


@pytest.fixture(autouse=True)
def no_descriptor_is_left() -> Iterator[None]:
    before = set(os.listdir("/proc/self/fd"))
    yield
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("status", [0, 1, 126, 255])
def test_status_is_the_exit_status(status: int) -> None:
    found = call(f"exit {status}")
    assert (found.status, found.ok, found.outcome) == (status, status == 0, f"exited with status {status}")


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGRTMIN, "SIGRTMIN"), (40, "signal 40")]
)
def test_status_is_the_signal_that_ended_it(number: int, name: str) -> None:
    found = call(f"kill -{number:d} $$")
    assert (found.status, found.ok, found.outcome) == (-number, False, f"was killed by {name}")


def test_command_that_hangs_is_killed_at_the_deadline() -> None:
    found = call("echo before; echo why >&2; exec sleep 1000", deadline=0.5)
    assert (found.status, found.ok) == (None, False)
    assert found.outcome.startswith("did not end within ")
    assert (found.stdout, found.stderr) == (b"before\n", b"why\n")
    assert found.seconds < DEADLINE


def test_deadline_counts_from_the_start() -> None:
    begun = running("exec sleep 1000")
    assert not begun.ends_within(0.3)
    assert begun.finish(0.3).status is None


def test_waiting_for_an_end_that_comes() -> None:
    begun = running("exit 3")
    assert begun.ends_within(DEADLINE)
    assert begun.finish(DEADLINE).status == 3


def test_process_in_the_background_that_holds_the_streams_is_not_waited_for() -> None:
    reading, writing = os.pipe()
    # It ends when the other end of this pipe is closed.
    begun = running(f"echo done; (read nothing <&{reading}) & exit 0", pass_fds=(reading,))
    os.close(reading)
    found = begun.finish(DEADLINE)
    os.close(writing)
    assert (found.status, found.stdout) == (0, b"done\n")


def test_output_is_what_was_written_where_it_was_written() -> None:
    found = call("printf out; printf err >&2")
    assert (found.stdout, found.stderr) == (b"out", b"err")


def test_output_that_never_ends_fills_nothing() -> None:
    found = call("cat /dev/zero", deadline=1)
    assert found.status is None
    assert len(found.stdout) == KEPT


def test_output_beyond_what_is_kept_does_not_stop_the_command() -> None:
    found = call(f"head -c {3 * KEPT} /dev/zero | tr '\\0' x; echo end >&2")
    assert (found.status, found.stderr) == (0, b"end\n")
    assert found.stdout == b"x" * KEPT


def test_input_is_empty_unless_something_is_given() -> None:
    assert call("cat").stdout == b""


def test_input_is_passed_through() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"some input")
    os.close(writing)
    begun = running("cat", stdin=reading)
    os.close(reading)
    assert begun.finish(DEADLINE).stdout == b"some input"


def test_descriptors_are_passed_only_if_they_are_to_be() -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    begun = running("ls /proc/self/fd", pass_fds=(reading,))
    found = begun.finish(DEADLINE).stdout.split()
    os.close(reading)
    os.close(writing)
    assert str(reading).encode() in found
    assert str(writing).encode() not in found


def test_command_has_a_session_of_its_own() -> None:
    assert int(call("cut -d' ' -f6 /proc/self/stat").stdout) != os.getsid(0)


def test_streams_that_belong_to_somebody_else_stay_open() -> None:
    stdout, stderr = Stream(), Stream()
    first = running("echo one; echo two >&2", stdout=stdout, stderr=stderr).finish(DEADLINE)
    second = running("echo three", stdout=stdout, stderr=stderr).finish(DEADLINE)
    assert (first.stdout, first.stderr, second.stdout, second.stderr) == (b"one\n", b"two\n", b"three\n", b"")
    assert bytes(stdout.content) == b"one\nthree\n"
    stdout.close()
    stderr.close()


def test_record_has_what_is_needed_to_do_it_again() -> None:
    found = call("printf 'a\\nb' >&2; exit 7")
    assert found.describe() == (
        f"$ /bin/sh -c {chr(39)}printf '\"'\"'a\\nb'\"'\"' >&2; exit 7{chr(39)}\n  exited with status 7\n  | a\n  | b"
    )


def test_program_that_does_not_exist_leaves_no_descriptor() -> None:
    with pytest.raises(FileNotFoundError):
        Running(["/nonexistent/program"], operation="create", cwd="/", environment={})


@given(st.binary())
def test_any_output_can_be_shown(output: bytes) -> None:
    assert readable(output).replace("\n", "").isprintable()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"]), max_size=100))
def test_text_is_shown_as_it_is(text: str) -> None:
    assert readable(text.encode()) == text


def test_what_is_shown_is_bounded() -> None:
    assert readable(b"x" * 10000, limit=10) == "xxxxxxxxxx [...]"
    assert readable(b"x" * 10, limit=10) == "xxxxxxxxxx"


def test_control_characters_are_shown_as_escapes() -> None:
    assert readable(b"\x1b[31mred\x1b[0m\a\0\r\n\xff") == "\\x1b[31mred\\x1b[0m\\x07\\x00\\x0d\n\ufffd"


def test_waiting_for_a_stream() -> None:
    stream = Stream()
    assert not stream.wait(time.monotonic() + 0.05)
    os.write(stream.writing, b"more")
    assert stream.wait(time.monotonic() + DEADLINE)
    assert (bytes(stream.content), stream.ended, stream.length, stream.since(2)) == (b"more", False, 4, b"re")
    assert not stream.wait_for_end(time.monotonic() + 0.05)
    stream.close_writing()
    assert stream.wait_for_end(time.monotonic() + DEADLINE)
    assert stream.wait(0)
    stream.close()


def test_stream_ends_with_its_last_writer() -> None:
    stream = Stream()
    other = os.dup(stream.writing)
    stream.close_writing()
    closing = threading.Timer(0.2, os.close, (other,))
    closing.start()
    assert stream.wait_for_end(time.monotonic() + DEADLINE)
    closing.join()
    stream.close()


def test_closing_a_stream_twice_closes_nothing_else() -> None:
    stream = Stream()
    stream.close()
    reading, writing = os.pipe()
    stream.close()
    stream.close_writing()
    os.fstat(reading)
    os.close(reading)
    os.close(writing)
