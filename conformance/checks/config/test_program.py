"""Process: env, args, and how the program is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.verdict.findings import Advisory, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.container import Container
    from conformance.fixtures import MakeContainer

HOME = "HOME=/root"
ODD = [
    "EMPTY=",
    "EQUALS=a=b=c",
    "SPACES= a  b ",
    "LINES=a\nb\n",
    "UNICODE=größe ✓",
    "lower=1",
    "D.O-T=x",
    "QUOTES='\"$X`",
]


@requirement("config.process.env.exact")
def test_environment_has_what_is_configured(container: MakeContainer) -> None:
    configured = [*ODD, "PATH=/bin", HOME]
    # In any order, for nothing looks at it.
    assert sorted(container(process={"env": configured}).facts().environ) == sorted(configured)


@requirement("config.process.env.exact")
def test_nothing_of_the_caller_is_in_the_environment(container: MakeContainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_CALLER", "1")
    # What runtimes would add is there, and so does not matter here.
    configured = ["PATH=/bin", HOME]
    assert sorted(container(process={"env": configured}).facts().environ) == sorted(configured)


@requirement("config.process.env.exact")
@pytest.mark.parametrize("configured", [["A=b"], []], ids=["one variable", "none"])
def test_nothing_is_added_to_the_environment(container: MakeContainer, configured: list[str]) -> None:
    assert container(process={"env": configured}).facts().environ == configured


@requirement("config.process.args.argv")
@pytest.mark.parametrize(
    "words",
    [
        ["", "two words", " ", "a\nb", "größe ✓", "'\"$HOME`*", "\\", "--", "-v"],
        [],
        ["x" * 100_000],
    ],
    ids=["odd ones", "none", "long one"],
)
def test_program_has_the_arguments(container: MakeContainer, words: list[str]) -> None:
    args = ["/probe", "facts", *words]
    assert container(process={"args": args}).facts().argv == args


def found(container: MakeContainer, args: Sequence[str], path: str, places: Sequence[str], cwd: str = "/") -> Container:
    """A container whose program is to be found: a link to the probe is at each of the places, and its first argument
    is the program's name.
    """
    one = container(process={"args": list(args), "env": [f"PATH={path}", HOME], "cwd": cwd}, files={"/dir/sub": None})
    for place in places:
        one.inside(place).parent.mkdir(parents=True, exist_ok=True)
        one.inside(place).hardlink_to(one.inside("/probe"))
    return one


@requirement("config.process.args.searched")
@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("/dir/a", ["/dir/a/searched"]),
        ("/nothing:/dir/a", ["/dir/a/searched"]),
        ("/dir/a:/dir/b", ["/dir/a/searched", "/dir/b/searched"]),
    ],
    ids=["only directory", "second directory", "first of two"],
)
def test_program_without_a_slash_is_found_in_path(container: MakeContainer, path: str, places: list[str]) -> None:
    facts = found(container, ["searched", "facts"], path, places).facts()
    assert (facts.argv[0], facts.executable) == ("searched", places[0])


@requirement("config.process.args.searched")
def test_file_that_cannot_be_executed_is_passed_over(container: MakeContainer) -> None:
    one = found(container, ["searched", "facts"], "/dir/a:/dir/b", ["/dir/b/searched"])
    one.inside("/dir/a").mkdir()
    one.inside("/dir/a/searched").write_bytes(one.inside("/probe").read_bytes())
    one.inside("/dir/a/searched").chmod(0o644)
    assert one.facts().executable == "/dir/b/searched"


@requirement("config.process.args.searched")
def test_path_of_the_caller_is_not_searched(container: MakeContainer) -> None:
    """`/bin` is in every caller's PATH."""
    one = found(container, ["searched", "facts"], "/dir/a", ["/bin/searched"])
    if one.attempt_create().ok and one.attempt("start").ok:
        one.wait_for_output_end()
    if one.runs:
        raise Finding("a program that is not in the PATH of `env` is not found", "it was executed")


@requirement("config.process.args.searched")
def test_program_with_a_slash_is_not_searched(container: MakeContainer) -> None:
    one = found(container, ["sub/searched", "facts"], "/dir/a", ["/dir/a/sub/searched", "/dir/sub/searched"], "/dir")
    assert one.facts().executable == "/dir/sub/searched"


@requirement("config.process.args.searched")
def test_empty_entry_of_path_is_the_working_directory(container: MakeContainer) -> None:
    one = found(container, ["searched", "facts"], ":/dir/a", ["/dir/searched"], "/dir")
    if not one.attempt_create().ok or not one.attempt("start").ok or one.facts().executable != "/dir/searched":
        # POSIX calls it a legacy feature.
        raise Advisory("an empty entry of PATH is the working directory", "the program there was not executed")
