"""The runtime under test: how it is found, and how its commands are called."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.errors import RuntimeNotFound
from conformance.runtime import driver
from conformance.runtime.driver import MARKER, Runtime

if TYPE_CHECKING:
    from pathlib import Path

ECHO = '#!/bin/sh\nprintf "%s\\n" "$@"\n'


def program(path: Path, content: str = ECHO, mode: int = 0o755) -> Path:
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture
def echo(tmp_path: Path) -> Runtime:
    """A runtime that prints its words."""
    return driver.find(str(program(tmp_path / "echo")))


def words(output: bytes) -> list[str]:
    return output.decode().splitlines()


def test_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = program(tmp_path / "runtime")
    assert driver.find(str(path)) == Runtime(str(path), (str(path),))


def test_relative_path_works_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path / "runtime")
    monkeypatch.chdir(tmp_path)
    found = driver.find("./runtime")
    assert (found.name, found.argv) == ("./runtime", (str(path),))
    assert found.call("state", cwd="/").ok


def test_name_is_looked_for_in_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path / "runtime")
    monkeypatch.setenv("PATH", f"/nonexistent:{tmp_path}")
    assert driver.find("runtime").argv == (str(path),)


def test_without_a_name_the_embedded_runtime_is_found() -> None:
    found = driver.find(None)
    assert found.name == driver.EMBEDDED
    assert found.argv[0] == sys.executable
    assert words(found.version().stdout)[0].startswith("oci-reference-runtime version ")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no-such-runtime-anywhere", "it is not in PATH"),
        ("/nonexistent/runtime", "there is no such file"),
        ("/", "it is a directory"),
        ("{directory}/text", "{directory}/text is not executable"),
        ("{directory}/dangling", "there is no such file"),
    ],
)
def test_what_is_no_program_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    program(tmp_path / "text", mode=0o644)
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(RuntimeNotFound) as caught:
        driver.find(name.format(directory=tmp_path))
    assert str(caught.value).endswith(problem.format(directory=tmp_path))
    assert caught.value.name == name.format(directory=tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"\0\1\2\3", b"#!/nonexistent/interpreter\n"])
def test_what_cannot_be_executed_is_said_at_the_first_command(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "runtime"
    path.write_bytes(content)
    path.chmod(0o755)
    with pytest.raises(RuntimeNotFound, match="it cannot be executed: "):
        driver.find(str(path)).version()


def test_global_options_come_before_the_command(echo: Runtime) -> None:
    runtime = Runtime(echo.name, echo.argv, ("--network=none", "--debug"), "/run/somewhere")
    assert words(runtime.state("one").stdout) == ["--root=/run/somewhere", "--network=none", "--debug", "state", "one"]


def test_version_is_asked_for_without_them(echo: Runtime) -> None:
    runtime = Runtime(echo.name, echo.argv, ("--network=none",), "/run/somewhere")
    assert words(runtime.version().stdout) == ["--version"]


def test_words_of_the_commands(echo: Runtime) -> None:
    assert words(echo.start("one").stdout) == ["start", "one"]
    assert words(echo.features().stdout) == ["features"]
    assert words(echo.delete("one").stdout) == ["delete", "one"]
    assert words(echo.delete("one", force=True).stdout) == ["delete", "--force", "one"]


def test_signal_is_an_argument_or_an_option() -> None:
    assert Runtime("r", ("r",)).kill_words("one", "TERM") == ("one", "TERM")
    assert Runtime("r", ("r",), signal_option=True).kill_words("one", "TERM") == ("--signal", "TERM", "one")


@pytest.mark.parametrize(
    ("arguments", "own"),
    [
        ((), False),
        (("--root", "/r"), True),
        (("--root=/r",), True),
        (("-root=/r",), True),
        (("--rootless=true",), False),
    ],
)
def test_root_of_the_user_is_noticed(arguments: tuple[str, ...], own: bool) -> None:
    assert Runtime("r", ("r",), arguments).has_own_root is own


def test_every_command_is_marked(tmp_path: Path) -> None:
    runtime = driver.find(str(program(tmp_path / "runtime", f'#!/bin/sh\nprintf "${MARKER}"\n'))).marked("the-mark")
    assert runtime.state("one").stdout == b"the-mark"


def test_environment_is_that_of_the_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING", "of the user")
    runtime = driver.find(str(program(tmp_path / "runtime", '#!/bin/sh\nprintf "$SOMETHING"\n')))
    assert runtime.state("one").stdout == b"of the user"


def test_command_runs_where_it_is_told_to(tmp_path: Path) -> None:
    runtime = driver.find(str(program(tmp_path / "runtime", "#!/bin/sh\npwd\n")))
    assert words(runtime.call("state", cwd=str(tmp_path)).stdout) == [os.path.realpath(tmp_path)]


def test_command_that_hangs_ends_at_the_deadline(tmp_path: Path) -> None:
    path = program(tmp_path / "runtime", "#!/bin/sh\nexec sleep 1000\n")
    assert driver.find(str(path), deadline=0.2).state("one").status is None
