"""`oci-conform validate` as its callers meet it: exit status, output, and no traceback, whatever is wrong."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import conformance
from conformance.bundle.config import base, merge
from conformance.cli import main
from conformance.versions import KNOWN, NEWEST

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = str(Path(conformance.__file__).parents[1])
COMMAND = [sys.executable, "-c", "import sys; from conformance.cli import main; sys.exit(main())", "validate"]

CONFIG: dict[str, Any] = {"ociVersion": NEWEST, **base()}
VALID = json.dumps(CONFIG)
INVALID = json.dumps({**CONFIG, "hostname": 5})
DOUBTFUL = json.dumps({**CONFIG, "domainName": "a"})

PATIENCE = 60
"""Seconds after which a command hangs. Nothing here takes one."""


def run(*words: str, given: str | bytes = b"", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command with something on its standard input."""
    environment = {**os.environ, "PYTHONPATH": TOP, **options.pop("env", {})}
    if "stdin" not in options:
        options["input"] = given if isinstance(given, bytes) else given.encode()
    for stream in ("stdout", "stderr"):
        options.setdefault(stream, subprocess.PIPE)
    done = subprocess.run([*COMMAND, *words], env=environment, timeout=PATIENCE, check=False, **options)
    texts = [(output or b"").decode("utf-8", "surrogateescape") for output in (done.stdout, done.stderr)]
    assert "Traceback" not in texts[1]
    return subprocess.CompletedProcess(done.args, done.returncode, *texts)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], str]:
    """A function that writes a file and returns its path."""

    def write(name: str, content: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("contents", "options", "status"),
    [
        ([VALID], [], 0),
        ([VALID, VALID], [], 0),
        ([INVALID], [], 1),
        ([VALID, INVALID, VALID], [], 1),
        ([DOUBTFUL], [], 0),
        ([DOUBTFUL], ["--strict"], 1),
        ([VALID], ["--strict"], 0),
        (["not JSON"], [], 1),
        ([""], [], 1),
        ([VALID, None], [], 3),
        ([None, INVALID], [], 3),
        ([None], ["--strict"], 3),
    ],
)
def test_exit_status_tells_what_was_found(
    written: Callable[[str, str], str],
    capfd: pytest.CaptureFixture[str],
    contents: list[str | None],
    options: list[str],
    status: int,
) -> None:
    paths = [
        "/does/not/exist" if content is None else written(f"{index}.json", content)
        for index, content in enumerate(contents)
    ]
    assert main(["validate", *options, *paths]) == status
    out, err = capfd.readouterr()
    assert err == ""
    assert out.splitlines()[-1].startswith(f"{len(paths)} document{'s' if len(paths) > 1 else ''}: ")


WRONG_USAGE = {
    "no path": ([], "the following arguments are required: PATH"),
    "unknown option": (["--unknown", "-"], "unrecognized arguments: --unknown"),
    "unknown kind": (["--kind=bundle", "-"], "argument --kind: invalid choice: 'bundle'"),
    "unknown version": (["--spec-version=1.4.0", "-"], "argument --spec-version: invalid choice: '1.4.0'"),
    "unknown format": (["--format=xml", "-"], "argument --format: invalid choice: 'xml'"),
    "beginning of an option": (["--form=json", "-"], "unrecognized arguments: --form=json"),
    "standard input twice": (["-", "-"], "the standard input can be read only once"),
}


@pytest.mark.parametrize(("words", "problem"), WRONG_USAGE.values(), ids=list(WRONG_USAGE))
def test_wrong_usage_has_a_status_of_its_own(words: list[str], problem: str) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr


def test_help_tells_the_exit_statuses() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for status in ("0  every", "1  a document", "2  wrong usage", "3  a document cannot be read", "130  interrupted"):
        assert f"\n  {status}" in done.stdout
    assert all(version in done.stdout for version in KNOWN)


def test_standard_input_is_a_document() -> None:
    done = run("-", given=INVALID)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("-:1:")


def test_standard_input_may_be_a_file(written: Callable[[str, str], str]) -> None:
    with open(written("config.json", VALID), "rb") as file:
        assert run("-", stdin=file).returncode == 0


def test_bundle_is_named_with_its_config(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(VALID, encoding="utf-8")
    done = run(tmp_path.name, cwd=tmp_path.parent)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{tmp_path.name}/config.json:1:")
    assert "[bundle.root]" in done.stdout
    (tmp_path / CONFIG["root"]["path"]).mkdir()
    assert run(tmp_path.name, cwd=tmp_path.parent).returncode == 0


def test_several_documents_are_told_apart(written: Callable[[str, str], str]) -> None:
    paths = [written("one.json", INVALID), written("two.json", DOUBTFUL), "/does/not/exist"]
    done = run(*paths)
    blocks = done.stdout.split("\n\n")
    assert [block.partition(":")[0] for block in blocks[:3]] == paths
    assert blocks[-1] == "3 documents: 1 valid, 1 invalid, 1 not read; 2 errors, 1 warning\n"


@pytest.mark.parametrize(("kind", "status"), [("config", 0), ("state", 1), ("features", 1)])
def test_kind_can_be_given(kind: str, status: int) -> None:
    assert run(f"--kind={kind}", "-", given=VALID).returncode == status


def test_version_can_be_given() -> None:
    offsets = json.dumps(merge(CONFIG, {"linux": {"timeOffsets": {"monotonic": {"secs": 1}}}}))
    assert run("-", given=offsets).returncode == 1
    assert run("--spec-version=1.0.2", "-", given=offsets).returncode == 0


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_output_for_programs_is_one_document_whatever_happens(form: str, written: Callable[[str, str], str]) -> None:
    paths = [written("one.json", INVALID), "/does/not/exist", written("empty.json", "")]
    done = run(f"--format={form}", *paths)
    assert (done.returncode, done.stderr) == (3, "")
    output = json.loads(done.stdout)
    if form == "json":
        assert [one["readable"] for one in output["documents"]] == [True, False, True]
    else:
        assert [one["ruleId"] for one in output["runs"][0]["results"]] == [
            "schema.type",
            "file.readable",
            "json.syntax",
        ]


def test_text_is_the_default() -> None:
    assert run("-", given=INVALID).stdout == run("--format=text", "-", given=INVALID).stdout


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
def test_output_is_written_in_any_encoding(encoding: str) -> None:
    document = json.dumps({**CONFIG, "hostname": ["漢"], "漢": "", "hostName": "漢"}, ensure_ascii=False)
    done = run("-", given=document, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert ("漢" in done.stdout) == (encoding == "utf-8")


def in_terminal(**environment: str) -> str:
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    run("-", given=INVALID, stdout=theirs, env={"TERM": "xterm", "NO_COLOR": "", **environment})
    os.close(theirs)
    shown = b""
    # The end of a terminal is an error.
    with contextlib.suppress(OSError):
        while True:
            shown += os.read(ours, 1 << 16)
    os.close(ours)
    return shown.decode()


def test_terminal_is_coloured() -> None:
    assert "\x1b[31merror:\x1b[0m" in in_terminal()


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_terminal_is_not_coloured_if_that_is_not_wanted(environment: dict[str, str]) -> None:
    shown = in_terminal(**environment)
    assert "error:" in shown
    assert "\x1b" not in shown


def test_pipe_is_not_coloured() -> None:
    assert "\x1b" not in run("-", given=INVALID, env={"TERM": "xterm"}).stdout


def test_who_has_read_enough_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run("-", given=json.dumps({**CONFIG, "mounts": [5] * 1000}), stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_output_that_cannot_be_written_is_said() -> None:
    with open("/dev/full", "wb") as full:
        done = run("-", given=VALID, stdout=full)
    assert done.returncode == 3
    assert done.stderr == f"oci-conform: the report cannot be written: {os.strerror(errno.ENOSPC)}\n"


@pytest.mark.parametrize(
    ("closed", "status", "problem"),
    [("0<&-", 3, ""), ("1>&-", 3, "the standard output is closed"), ("1>&- 2>&-", 3, ""), ("2>&-", 0, "")],
)
def test_closed_streams_are_no_crash(closed: str, status: int, problem: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *COMMAND, "-"],
        env={**os.environ, "PYTHONPATH": TOP},
        input=VALID,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == status
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert ("the standard input is closed" in done.stdout) == (closed == "0<&-")


def test_interruption_is_no_traceback() -> None:
    reading, writing = os.pipe()
    # Where these tests are run in the background, the signal is ignored.
    program = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {COMMAND[2]}"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "validate", "-"],
        stdin=reading,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": TOP},
    )
    os.close(reading)
    # What does not fit into the pipe is written when the command reads, and so waits for more.
    os.write(writing, b" " * (1 << 16))
    os.write(writing, b" ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    os.close(writing)
    assert (process.returncode, out, err) == (130, b"", b"")


ODD = {
    "bundle that is missing": ["/does/not/exist"],
    "no path": [""],
    "device": ["/dev/zero"],
    "below a file": ["/etc/passwd/config.json"],
    "no text": ["\udcff"],
    "process": ["/proc/self/mem"],
    "name that is too long": ["a" * 5000],
    "option after --": ["--", "--kind"],
}


@pytest.mark.parametrize("words", ODD.values(), ids=list(ODD))
def test_path_that_cannot_be_read_is_one_clear_finding(words: list[str]) -> None:
    done = run(*words)
    assert (done.returncode, done.stderr) == (3, "")
    first, empty, last = done.stdout.splitlines()
    assert " error: " in first
    assert empty == ""
    assert last == "1 document: 0 valid, 0 invalid, 1 not read; 1 error"


FLOODS: dict[str, bytes] = {
    "100,000 levels": b"[" * 100_000,
    "one string": b'"' + b"a" * 5_000_000,
    "one number": b"[" + b"9" * 5_000_000 + b"]",
    "one name twice": b"{" + b'"a":0,' * 500_000 + b'"b":0}',
    "names of any kind": b"{" + b",".join(b'"name%d":0' % number for number in range(200_000)) + b',"name5":0}',
    "empty objects": b'{"mounts":[' + b"{}," * 500_000 + b"{}]}",
    "halves of characters": b'["' + b"\\ud800" * 500_000 + b'"]',
    "lines": b"\n" * 5_000_000,
}


@pytest.mark.parametrize("content", FLOODS.values(), ids=list(FLOODS))
def test_large_document_is_bounded_in_memory(content: bytes) -> None:
    limited = 'ulimit -v 1000000; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", limited, "sh", *COMMAND, "-"],
        env={**os.environ, "PYTHONPATH": TOP},
        input=content,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"0 valid, 1 invalid" in done.stdout


def test_100_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    done = run(str(path))
    assert done.returncode == 3
    assert "it is larger than 8 MiB, and was not looked at" in done.stdout


def test_validating_imports_nothing_of_the_suite() -> None:
    program = (
        "import sys; from conformance.cli import main\n"
        "main(['validate', '-'])\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": TOP},
        input=INVALID.encode(),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    heavy = {"pytest", "msgspec", "jsonschema", "tomlkit", "subprocess", "socket", "ctypes", "asyncio"}
    assert heavy & set(done.stderr.decode().split()) == set()
