"""Runtimes with which nothing can be judged, and runtimes that break in the middle: one clear message, or failures,
within the deadline, and never a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Run, Suite

HANG = "exec sleep 1000"

# A word of each command line is the command.
COMMAND = 'command=; for word; do case "$word" in -*) ;; *) command=$word; break;; esac; done\n'

GOOD = 'exec $REFERENCE "$@"'

SELECTION = (
    "runtime/test_kill.py::test_kill_sends_term",
    "runtime/test_state.py::test_state_has_the_id_given_to_create",
    "runtime/test_start.py::test_start_runs_the_program",
)


def on(commands: str, script: str) -> str:
    """A script that does something else on some commands."""
    return f'{COMMAND}case "$command" in {commands}) {script};; esac\n{GOOD}'


def state(text: str) -> str:
    return on("state", f"printf '%s\\n' '{text}'; exit 0")


def demand_setup_error(run: Run, *messages: str) -> None:
    """One clear message, and exit status 3."""
    assert run.status == 3
    assert not run.has_traceback
    assert run.output.count("Exit: ") == 1
    for message in messages:
        assert message in run.output
    assert "verdict" not in run.output


UNUSABLE = "the runtime cannot run the simplest container here: "


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_runtime_that_does_not_exist(suite: Suite, workers: str) -> None:
    run = suite.run("-n", workers, "--runtime=/nonexistent/runtime")
    demand_setup_error(run, "cannot use the runtime /nonexistent/runtime: there is no such file")
    assert suite.left == []


def test_runtime_that_is_a_directory(suite: Suite) -> None:
    demand_setup_error(suite.run(f"--runtime={suite.work}"), f"cannot use the runtime {suite.work}: it is a directory")


def test_runtime_that_is_not_executable(suite: Suite) -> None:
    path = suite.runtime(GOOD)
    path.chmod(0o644)
    demand_setup_error(suite.run(f"--runtime={path}"), f"cannot use the runtime {path}: {path} is not executable")


@pytest.mark.parametrize("content", [b"\0\1\2 no program", b"\x7fELF\2\1\1", b"#!/nonexistent/shell\n", b""])
def test_runtime_that_is_no_program(suite: Suite, content: bytes) -> None:
    path = suite.directory / "runtime"
    path.write_bytes(content)
    path.chmod(0o755)
    demand_setup_error(suite.run(f"--runtime={path}"), f"cannot use the runtime {path}: it cannot be executed: ")
    assert suite.left == []


@pytest.mark.parametrize(
    ("script", "messages"),
    [
        (HANG, ["did not end within ", "--version"]),
        (on("features", HANG), ["did not end within ", "features"]),
        (on("create", HANG), ["did not end within ", "create"]),
        (on("state", HANG), ["did not end within ", "state"]),
        ("kill -SEGV $$", ["was killed by SIGSEGV"]),
        ("kill -40 $$", ["was killed by signal 40"]),
        (on("create", "kill -ABRT $$"), ["was killed by SIGABRT"]),
        ("exit 1", ["`create` exited with status 1"]),
        ("echo 'no cgroups here' >&2; exit 1", ["`create` exited with status 1: no cgroups here"]),
        ("exit 0", ["a JSON object; it is ''"]),
        ("head -c 20000000 /dev/zero | tr '\\0' y; exit 0", ["a JSON object; it is 'yyyy"]),
        ("head -c 20000000 /dev/zero | tr '\\0' y >&2; exit 1", ["`create` exited with status 1: yyyy"]),
        ("cat /dev/zero", ["did not end within "]),
        (state("<html>"), ["a JSON object; it is '<html>"]),
        (state('["a list"]'), ['a JSON object; it is \'["a list"]']),
        (on("state", "printf '\\377\\376\\000{\\033[31m'; exit 0"), ["a JSON object; it is "]),
        (
            f'{COMMAND}[ "$command" = features ] || exit 0; head -c 200000 /dev/zero | tr "\\0" "["',
            ["a JSON object; it is ''"],
        ),
        (on("state", "head -c 200000 /dev/zero | tr '\\0' '['; exit 0"), ["a JSON object; it is '[[[["]),
        (
            state('{"ociVersion": 1, "id": [], "status": {}, "pid": "x", "bundle": null}'),
            ["expected the status becomes stopped; it was still {} at"],
        ),
        (state('{"status": "running", "pid": 99999999999999999999999}'), ["it was still running at the deadline"]),
        (on("start", "exit 0"), ["expected the program reports 'ready'; it reported it 0 times"]),
    ],
    ids=[
        "hangs",
        "hangs at features",
        "hangs at create",
        "hangs at state",
        "crashes",
        "ends by a real-time signal",
        "crashes at create",
        "refuses all",
        "refuses all with a reason",
        "does nothing",
        "prints megabytes",
        "prints megabytes of errors",
        "prints for ever",
        "state is no JSON",
        "state is no object",
        "state is no text",
        "features are deeper than Python goes",
        "state is deeper than Python goes",
        "state has wrong types",
        "state has an enormous pid",
        "start does nothing",
    ],
)
def test_runtime_that_cannot_run_a_container(suite: Suite, script: str, messages: list[str]) -> None:
    run = suite.run(f"--runtime={suite.runtime(script)}", "--runtime-timeout=2")
    demand_setup_error(run, UNUSABLE, "so none was made", *messages)
    assert len(run.output) < 20000
    assert run.output.replace("\n", "").isprintable()
    assert suite.left == []


def test_setup_error_shows_the_commands_that_led_to_it(suite: Suite) -> None:
    runtime = suite.runtime(on("start", "echo 'not today' >&2; exit 5"))
    run = suite.run(f"--runtime={runtime}")
    demand_setup_error(
        run, "`start` exited with status 5: not today", f"$ {runtime} --root=", "  exited with status 5\n"
    )


@pytest.mark.parametrize("option", [(), ("-n", "2")], ids=["alone", "workers"])
def test_runtime_that_leaves_a_process_in_the_background(suite: Suite, option: tuple[str, ...]) -> None:
    """It holds every stream that it can, and it is nobody's child."""
    script = f'(trap "" TERM HUP; exec sleep 1000) &\n{GOOD}'
    run = suite.run(*option, f"--runtime={suite.runtime(script)}", "--runtime-timeout=2", SELECTION[0])
    demand_setup_error(run, UNUSABLE, "expected the container process ends; its stdout was still open at the deadline")
    assert suite.left == []


def test_process_that_the_first_command_leaves_is_removed(suite: Suite) -> None:
    pids = suite.directory / "pids"
    runtime = suite.runtime(f'sleep 1000 & echo $! >> {pids}\n[ "$1" = --version ] || exit 1\n{GOOD}')
    demand_setup_error(suite.run(f"--runtime={runtime}", "--runtime-timeout=5"), UNUSABLE)
    started = [int(line) for line in pids.read_text(encoding="ascii").split()]
    assert len(started) > 1
    assert [pid for pid in started if is_sleeping(pid)] == []


def is_sleeping(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().startswith(b"sleep\0")
    except OSError:
        return False


def counting(suite: Suite, number: int, script: str) -> str:
    """A script that does something else from the command of a number on."""
    return (
        f"count={suite.directory}/count\n"
        'echo >> "$count"\n'
        f'[ "$(wc -l < "$count")" -ge {number} ] && {{ {script}; }}\n'
        f"{GOOD}"
    )


@pytest.mark.parametrize(
    ("script", "actual"),
    [
        (HANG, "did not end within "),
        ("kill -SEGV $$", "was killed by SIGSEGV"),
        ("exit 9", "exited with status 9"),
        ("head -c 20000000 /dev/zero | tr '\\0' y; exit 0", ""),
        ("exit 0", ""),
    ],
    ids=["hangs", "crashes", "refuses", "prints megabytes", "does nothing"],
)
def test_runtime_that_breaks_in_the_middle(suite: Suite, script: str, actual: str) -> None:
    # The preflight has about a dozen commands.
    runtime = suite.runtime(counting(suite, 20, script))
    run = suite.run("-n", "2", f"--runtime={runtime}", "--runtime-timeout=1", *SELECTION)
    assert (run.footer["verdict"], run.status) == ("not conformant", 1)
    assert set(run.outcomes.values()) <= {"pass", "fail"}
    failed = [record for record in run.checks.values() if record["outcome"] == "fail"]
    assert failed
    assert all(actual in record["actual"] for record in failed)
    assert not run.has_traceback
    assert suite.left == []


def test_runtime_that_refuses_to_delete_can_be_judged(suite: Suite) -> None:
    runtime = suite.runtime(on("delete", "exit 1"))
    run = suite.run(
        "-n", "2", f"--runtime={runtime}", "runtime/test_delete.py::test_delete_removes_the_cgroups", SELECTION[2]
    )
    assert run.outcomes == {"runtime/test_delete.py::test_delete_removes_the_cgroups": "fail", SELECTION[2]: "pass"}
    assert run.status == 1
    assert suite.left == []


def test_runtime_that_disappears_in_the_middle(suite: Suite) -> None:
    script = f'{COMMAND}[ "$command" = create ] && echo >> {suite.directory}/count\n'
    script += f'[ "$(wc -l < {suite.directory}/count 2>/dev/null || echo 0)" -ge 3 ] && rm -f "$0"\n{GOOD}'
    run = suite.run("-n", "0", f"--runtime={suite.runtime(script)}", *SELECTION)
    assert run.status == 3
    assert "error" in run.outcomes.values()
    assert "it cannot be executed: No such file or directory" in run.stdout
    assert suite.left == []
