"""The command line as its callers meet it: exit status, stdout, one line on stderr, and the log."""

from __future__ import annotations

import datetime
import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import reference_runtime
from reference_runtime import cli
from reference_runtime.config import NEWEST_VERSION

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

BAD = {
    "unknown command": (["frobnicate"], "unknown command 'frobnicate'"),
    "unknown option": (["state", "--unknown", "one"], "unknown option --unknown"),
    "unknown global option": (["--unknown", "state", "one"], "unknown option --unknown"),
    "option of another command": (["state", "--bundle=/b", "one"], "unknown option --bundle=/b"),
    "missing argument": (["state"], "ID is missing"),
    "too many arguments": (["state", "one", "two"], "too many arguments: 'two'"),
    "missing value": (["create", "one", "--bundle"], "--bundle needs a value"),
    "value of a flag": (["delete", "--force=yes", "one"], "--force takes no value"),
    "unknown format of the log": (["--log-format=xml", "state", "one"], "--log-format is text or json, not 'xml'"),
    "unknown format of the plan": (["plan", "--format=yaml", "/"], "--format is text or json, not 'yaml'"),
    "unknown signal": (["kill", "one", "NOSUCH"], "'NOSUCH' is no signal"),
    "digit that is no number": (["kill", "one", "²"], "'²' is no signal"),
    "signal 0": (["kill", "one", "0"], "'0' is no signal"),
    "signal out of range": (["kill", "one", "65"], "'65' is no signal"),
    "no such container": (["state", "one"], "container one does not exist"),
    "start of no container": (["start", "one"], "container one does not exist"),
    "kill of no container": (["kill", "one"], "container one does not exist"),
    "delete of no container": (["delete", "one"], "container one does not exist"),
    "forced delete of no container": (["delete", "--force", "one"], "container one does not exist"),
    "invalid ID": (["state", "../one"], "container ID '../one' is not valid"),
    "ID that is no text": (["state", "\udcff"], "container ID '\\udcff' is not valid"),
    "no bundle": (["create", "--bundle=/does/not/exist", "one"], "/does/not/exist/config.json: ENOENT"),
    "bundle that is a file": (["create", "--bundle=/etc/passwd", "one"], "/etc/passwd/config.json: ENOTDIR"),
    "plan of no bundle": (["plan", "/does/not/exist"], "/does/not/exist/config.json: ENOENT"),
}


def _ended(runtime: Runtime, *words: str) -> subprocess.CompletedProcess[str]:
    done = runtime(*words)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(("words", "problem"), BAD.values(), ids=list(BAD))
def test_bad_input_is_one_clear_line(runtime: Runtime, words: list[str], problem: str) -> None:
    done = _ended(runtime, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"{cli.NAME}: ")
    assert done.stderr.count("\n") == 1
    assert problem in done.stderr


def test_control_characters_do_not_reach_the_terminal(runtime: Runtime) -> None:
    done = _ended(runtime, "state", "--\x1b[31m\nred", "one")
    assert done.stderr == f"{cli.NAME}: unknown option --\\x1b[31m\\nred\n"


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_names_every_command(runtime: Runtime, words: list[str]) -> None:
    done = _ended(runtime, *words)
    assert (done.returncode, done.stderr) == (0, "")
    for name, command in cli.COMMANDS.items():
        assert name in done.stdout
        assert command.summary in done.stdout


@pytest.mark.parametrize("name", cli.COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_a_command_names_its_options(name: str, option: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, option]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert cli.COMMANDS[name].usage(name) in out
    assert cli.COMMANDS[name].summary in out


def test_no_command_is_an_error_that_helps(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 1
    assert "usage:" in capfd.readouterr().out


@pytest.mark.parametrize("option", ["--version", "-v"])
def test_version_is_that_of_the_runtime_and_of_the_specification(
    option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([option]) == 0
    expected = f"{cli.NAME} version {reference_runtime.__version__}\nspec: {NEWEST_VERSION}\n"
    assert capfd.readouterr().out == expected


@pytest.mark.parametrize("option", ["--log={}", "--log {}"])
def test_log_in_json_has_one_object_a_line(runtime: Runtime, option: str) -> None:
    log = runtime.directory / "log"
    words = option.format(log).split(" ")
    for identifier in ("one", "two"):
        assert _ended(runtime, *words, "--log-format=json", "state", identifier).returncode == 1
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [entry["msg"] for entry in entries] == [f"container {name} does not exist" for name in ("one", "two")]
    for entry in entries:
        assert entry.keys() == {"level", "msg", "time"}
        assert entry["level"] == "error"
        moment = datetime.datetime.fromisoformat(entry["time"])
        assert abs(datetime.datetime.now(datetime.UTC) - moment) < datetime.timedelta(minutes=5)


@pytest.mark.parametrize("options", [[], ["--log-format=text"]], ids=["default", "text"])
def test_log_in_text_has_one_line_for_each_error(runtime: Runtime, options: list[str]) -> None:
    log = runtime.directory / "log"
    assert _ended(runtime, f"--log={log}", *options, "state", "--new\nline").returncode == 1
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert line.startswith('time="')
    assert line.endswith('level=error msg="unknown option --new\\nline"')


def test_success_is_not_logged(runtime: Runtime) -> None:
    log = runtime.directory / "log"
    assert _ended(runtime, f"--log={log}", "features").returncode == 0
    assert not log.exists()


@pytest.mark.parametrize("kind", ["directory", "missing", "fifo"])
def test_log_that_cannot_be_written_is_said_and_changes_nothing(runtime: Runtime, kind: str) -> None:
    paths = {"directory": runtime.directory, "missing": runtime.directory / "no/log", "fifo": runtime.directory / "f"}
    os.mkfifo(paths["fifo"])
    done = _ended(runtime, f"--log={paths[kind]}", "state", "one")
    assert done.returncode == 1
    assert "container one does not exist" in done.stderr
    assert f"cannot write the log {paths[kind]}" in done.stderr


def test_stdout_that_is_full_is_an_error(runtime: Runtime) -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        done = runtime("features", stdout=full)
    assert done.returncode == 1
    assert done.stderr == f"{cli.NAME}: write of stdout: ENOSPC ({os.strerror(errno.ENOSPC)})\n"


def test_stdout_that_nobody_reads_is_an_error(runtime: Runtime) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = runtime("features", stdout=writing)
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == f"{cli.NAME}: write of stdout: EPIPE ({os.strerror(errno.EPIPE)})\n"


@pytest.mark.parametrize(("closed", "status"), [("0<&-", 0), ("1>&-", 1), ("2>&-", 0)])
def test_closed_streams_are_no_crash(runtime: Runtime, closed: str, status: int) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *runtime.words("features")], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert (json.loads(done.stdout)["ociVersionMin"] if done.stdout else None) == ("1.0.0" if status == 0 else None)


def test_error_with_a_closed_stderr_does_not_go_to_stdout(runtime: Runtime) -> None:
    words = ["sh", "-c", '"$@" 2>&-', "sh", *runtime.words("state", "one")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_package_can_be_run_as_a_module() -> None:
    words = [sys.executable, "-m", "reference_runtime", "--version"]
    top = Path(reference_runtime.__file__).parents[1]
    done = subprocess.run(words, cwd=top, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{cli.NAME} version ")


def test_interruption_is_reported(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli._ACTIONS, "features", interrupt)
    assert cli.main(["features"]) == 130
    assert capfd.readouterr().err == f"{cli.NAME}: interrupted\n"


def test_state_reads_few_modules() -> None:
    """Start-up time is for the most part the time of imports."""
    program = (
        "import sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {str(Path(reference_runtime.__file__).parents[1])!r})\n"
        "from reference_runtime import cli\n"
        "cli.main(['--root=/does/not/exist', 'state', 'one'])\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    heavy = {"argparse", "contextlib", "ctypes", "dataclasses", "enum", "json", "re", "socket", "subprocess", "typing"}
    assert heavy & set(done.stdout.split()) == set()
