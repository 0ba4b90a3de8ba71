"""The options: one table, of which every row is an option of pytest, of its ini files, and of `oci-conform run`."""

from __future__ import annotations

import argparse
import dataclasses

import pytest

from conformance import options
from conformance.errors import InvalidUse
from conformance.options import OPTIONS, Option, Options

NAMES = [option.name for option in OPTIONS]

# By kind: what stands on the command line and in the ini file, and what comes of each.
OF_COMMAND_LINE = {"value": "17", "list": "--one=17", "flag": None}
OF_INI = {"value": "23", "list": "--two=23 'three 3'", "flag": "true"}


def words(option: Option) -> list[str]:
    """What gives the option on a command line."""
    if option.choices:
        return [f"--{option.name}={option.choices[1]}"]
    value = OF_COMMAND_LINE[option.kind]
    return [f"--{option.name}" if value is None else f"--{option.name}={value}"]


def value_of_words(option: Option) -> object:
    if option.choices:
        return option.choices[1]
    return {"value": "17", "list": ("--one=17",), "flag": True}[option.kind]


def ini(option: Option) -> str:
    """What gives the option in an ini file."""
    return f"{option.destination} = {option.choices[2] if option.choices else OF_INI[option.kind]}"


def value_of_ini(option: Option) -> object:
    if option.choices:
        return option.choices[2]
    return {"value": "23", "list": ("--two=23", "three 3"), "flag": True}[option.kind]


def parsed(pytester: pytest.Pytester, *given: str) -> Options:
    """What pytest makes of the words, and of the ini file that is there."""
    return options.from_pytest(pytester.parseconfig(*given))


def chosen(found: Options, option: Option) -> object:
    value = getattr(found, option.name.replace("-", "_"))
    return f"{value:g}" if isinstance(value, float) else value


@pytest.fixture(autouse=True)
def no_runtime_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME", raising=False)


def test_table_and_options_have_the_same_names() -> None:
    assert {field.name for field in dataclasses.fields(Options)} == {name.replace("-", "_") for name in NAMES}


def test_without_options_there_are_the_defaults(pytester: pytest.Pytester) -> None:
    assert parsed(pytester) == Options()


@pytest.mark.parametrize("option", OPTIONS, ids=NAMES)
def test_option_of_the_command_line(pytester: pytest.Pytester, option: Option) -> None:
    assert chosen(parsed(pytester, *words(option)), option) == value_of_words(option)


@pytest.mark.parametrize("option", OPTIONS, ids=NAMES)
def test_option_of_an_ini_file(pytester: pytest.Pytester, option: Option) -> None:
    pytester.makeini(f"[pytest]\n{ini(option)}\n")
    assert chosen(parsed(pytester), option) == value_of_ini(option)


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.kind != "flag"], ids=lambda o: o.name)
def test_the_command_line_wins(pytester: pytest.Pytester, option: Option) -> None:
    pytester.makeini(f"[pytest]\n{ini(option)}\n")
    assert chosen(parsed(pytester, *words(option)), option) == value_of_words(option)


def test_a_flag_wins_over_its_ini_twin(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nconformance_keep_bundles = false\n")
    assert not parsed(pytester).keep_bundles
    assert parsed(pytester, "--keep-bundles").keep_bundles


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.kind == "list"], ids=lambda o: o.name)
def test_a_list_grows_with_each_option(pytester: pytest.Pytester, option: Option) -> None:
    found = parsed(pytester, f"--{option.name}=--one", f"--{option.name}=two 2")
    assert chosen(found, option) == ("--one", "two 2")


@pytest.mark.parametrize("option", OPTIONS, ids=NAMES)
def test_option_of_the_command_is_handed_to_pytest(option: Option) -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    options.add_to_command(parser)
    assert options.words(parser.parse_args(words(option))) == words(option)
    assert options.words(parser.parse_args([])) == []


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.choices], ids=lambda o: o.name)
def test_choices_hold_for_ini_files_too(pytester: pytest.Pytester, option: Option) -> None:
    pytester.makeini(f"[pytest]\n{option.destination} = something_else\n")
    with pytest.raises(InvalidUse, match="'something_else' is none of must, should, may"):
        parsed(pytester)


@pytest.mark.parametrize("value", ["soon", "-1", "0", "inf", "nan", "1e9"])
def test_timeout_is_a_reasonable_number_of_seconds(pytester: pytest.Pytester, value: str) -> None:
    with pytest.raises(InvalidUse, match="--runtime-timeout is a number of seconds"):
        parsed(pytester, f"--runtime-timeout={value}")


def test_runtime_of_the_environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME", "of-the-environment")
    assert parsed(pytester).runtime == "of-the-environment"


@pytest.mark.parametrize("given", ["--runtime=given", "-o=conformance_runtime=given"])
def test_runtime_of_the_environment_comes_last(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("RUNTIME", "of-the-environment")
    assert parsed(pytester, given).runtime == "given"


def test_empty_runtime_of_the_environment_is_none(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME", "")
    assert parsed(pytester).runtime is None
