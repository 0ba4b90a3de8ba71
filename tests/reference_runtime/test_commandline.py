"""Words of a command line become options and arguments."""

from __future__ import annotations

import pytest

from reference_runtime.cli import COMMANDS, GLOBAL
from reference_runtime.commandline import Command, parse
from reference_runtime.errors import UsageError

COMMAND = Command(
    "an example",
    ("ID", "SIGNAL?"),
    {"--bundle": "PATH", "--force": None},
    {"-b": "--bundle", "-f": "--force"},
)


@pytest.mark.parametrize(
    ("words", "options", "arguments"),
    [
        (["one"], {}, ["one"]),
        (["one", "KILL"], {}, ["one", "KILL"]),
        (["--bundle", "/b", "one"], {"bundle": "/b"}, ["one"]),
        (["--bundle=/b", "one"], {"bundle": "/b"}, ["one"]),
        (["-b", "/b", "one"], {"bundle": "/b"}, ["one"]),
        (["-b=/b", "one"], {"bundle": "/b"}, ["one"]),
        (["one", "--bundle", "/b"], {"bundle": "/b"}, ["one"]),
        (["--bundle=/b=c", "one"], {"bundle": "/b=c"}, ["one"]),
        (["--bundle=", "one"], {"bundle": ""}, ["one"]),
        (["--bundle", "--force", "one"], {"bundle": "--force"}, ["one"]),
        (["--bundle=/a", "--bundle=/b", "one"], {"bundle": "/b"}, ["one"]),
        (["--force", "one"], {"force": ""}, ["one"]),
        (["-f", "one"], {"force": ""}, ["one"]),
        (["--force=true", "one"], {"force": ""}, ["one"]),
        (["--force=false", "one"], {}, ["one"]),
        (["--", "-one"], {}, ["-one"]),
        (["--force", "--", "one", "--bundle"], {"force": ""}, ["one", "--bundle"]),
        (["-"], {}, ["-"]),
        ([""], {}, [""]),
    ],
)
def test_options_and_arguments(words: list[str], options: dict[str, str], arguments: list[str]) -> None:
    parsed, rest = parse(COMMAND, words)
    assert parsed.options == options
    assert parsed.arguments == arguments
    assert rest == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "ID is missing"),
        (["--force"], "ID is missing"),
        (["one", "KILL", "two"], "too many arguments: 'two'"),
        (["--unknown", "one"], "unknown option --unknown"),
        (["--unknown=1", "one"], "unknown option --unknown=1"),
        (["-x", "one"], "unknown option -x"),
        (["--bundl=/b", "one"], "unknown option --bundl=/b"),
        (["-fb", "one"], "unknown option -fb"),
        (["one", "--bundle"], "--bundle needs a value"),
        (["one", "-b"], "--bundle needs a value"),
        (["--force=yes", "one"], "--force takes no value"),
    ],
)
def test_what_cannot_be_understood_is_refused(words: list[str], problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(COMMAND, words)
    assert str(caught.value) == problem


def test_global_options_end_at_the_command() -> None:
    parsed, rest = parse(GLOBAL, ["--root", "/r", "--log=/l", "create", "--bundle", "/b"], stop_at_argument=True)
    assert parsed.options == {"root": "/r", "log": "/l"}
    assert parsed.arguments == []
    assert rest == ["create", "--bundle", "/b"]


def test_words_are_left_as_they_are() -> None:
    words = ["--bundle", "/b", "one"]
    parse(COMMAND, words)
    assert words == ["--bundle", "/b", "one"]


def test_usage_shows_what_can_be_left_out() -> None:
    assert COMMAND.usage("example") == "example [--bundle PATH] [--force] ID [SIGNAL]"


@pytest.mark.parametrize("command", [GLOBAL, *COMMANDS.values()], ids=["global", *COMMANDS])
def test_short_options_stand_for_options_of_the_command(command: Command) -> None:
    assert set(command.short.values()) <= set(command.options)
