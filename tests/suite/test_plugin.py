"""The plugin in runs of pytest that have nothing to do with it, and in those that have."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.options import OPTIONS

if TYPE_CHECKING:
    from tests.conftest import Suite

UNRELATED = """
import sys

def test_something():
    loaded = sorted(name for name in sys.modules if name.split(".")[0] in {families})
    assert loaded == {expected}
"""


def unrelated(pytester: pytest.Pytester, families: list[str], expected: list[str]) -> None:
    pytester.makepyfile(test_unrelated=UNRELATED.format(families=families, expected=expected))


def test_unrelated_run_imports_the_plugin_and_its_options_only(pytester: pytest.Pytester) -> None:
    unrelated(
        pytester,
        ["conformance", "reference_runtime", "msgspec", "jsonschema", "tomlkit"],
        ["conformance", "conformance.options", "conformance.plugin"],
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1)


def test_unrelated_run_shows_nothing_of_the_suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_something(): pass")
    result = pytester.runpytest_subprocess("-v")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*rules of runtime-spec*")
    result.stdout.no_fnmatch_line("*verdict*")


def test_unrelated_run_is_not_touched_by_the_runtime_of_the_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME", "/nonexistent/runtime")
    pytester.makepyfile("def test_something(): pass")
    assert pytester.runpytest_subprocess().ret == 0


def test_unrelated_run_with_workers(pytester: pytest.Pytester) -> None:
    unrelated(pytester, ["conformance"], ["conformance", "conformance.options", "conformance.plugin"])
    result = pytester.runpytest_subprocess("-n", "1")
    result.assert_outcomes(passed=1)


def test_plugin_is_clean_in_strict_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_something(): pass")
    result = pytester.runpytest_subprocess("--strict-markers", "--strict-config", "-W", "error")
    result.assert_outcomes(passed=1)


def test_markers_are_known(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--markers")
    result.stdout.fnmatch_lines_random(["@pytest.mark.requirement(*ids)*", "@pytest.mark.needs(*names)*"])


def test_help_has_the_options_in_their_group(pytester: pytest.Pytester) -> None:
    lines = pytester.runpytest_subprocess("--help").stdout.lines
    group = lines[lines.index("OCI runtime conformance:") + 1 :]
    group = group[: next(number for number, line in enumerate(group) if line and not line.startswith(" "))]
    shown = [line.split()[0].partition("=")[0] for line in group if line.startswith("  --")]
    assert shown == [f"--{option.name}" for option in OPTIONS]


def test_help_has_the_ini_twins(pytester: pytest.Pytester) -> None:
    lines = pytester.runpytest_subprocess("--help").stdout.lines
    for option in OPTIONS:
        assert any(line.split()[:1] == [option.destination] for line in lines)


def test_suite_runs_where_a_strict_ini_file_is(suite: Suite) -> None:
    (suite.work / "pytest.ini").write_text(
        "[pytest]\naddopts = --strict-markers --strict-config\nxfail_strict = true\n", encoding="utf-8"
    )
    run = suite.run("-n", "0", "-W", "error", "-k", "test_kill_without_a_signal_sends_term")
    assert (run.footer["verdict"], run.status) == ("conformant", 0)


def test_ini_twin_reaches_workers(suite: Suite) -> None:
    (suite.work / "pytest.ini").write_text(
        "[pytest]\nconformance_spec_version = 1.1.0\nconformance_requirement = runtime.kill.no_id\n", encoding="utf-8"
    )
    run = suite.run("-n", "2")
    assert run.header["spec_version"] == "1.1.0"
    assert run.checks
    assert all("runtime.kill.no_id" in record["requirements"] for record in run.checks.values())


def test_command_runs_with_workers_unless_it_is_told_otherwise(suite: Suite) -> None:
    check = "runtime/test_kill.py::test_kill_sends_term"
    assert re.search(r"^\d+ workers \[1 item\]$", suite.run(check).stdout, re.MULTILINE)
    assert "workers" not in suite.run(check, "-p", "no:xdist").stdout


def test_runtime_of_the_environment_is_tested(suite: Suite) -> None:
    runtime = suite.runtime('exec $REFERENCE "$@"')
    run = suite.run("-n", "2", "-k", "test_kill_without_a_signal_sends_term", env={"RUNTIME": str(runtime)})
    assert (run.header["runtime"], run.status) == (str(runtime), 0)


def test_global_options_reach_every_command(suite: Suite) -> None:
    called = suite.directory / "called"
    runtime = suite.runtime(f'echo "$@" >> {called}\n[ "$1" = --version ] || shift 2\nexec $REFERENCE "$@"')
    root = suite.directory / "root"
    words = [f"--runtime={runtime}", "--runtime-arg=--nothing=really", f"--runtime-arg=--root={root}"]
    run = suite.run("-n", "2", *words, "-k", "test_kill_without_a_signal_sends_term")
    assert run.status == 0
    assert run.header["runtime_arguments"] == ["--nothing=really", f"--root={root}"]
    commands = called.read_text(encoding="utf-8").splitlines()
    assert commands.pop(0) == "--version"
    assert len(commands) > 5
    assert all(line.startswith(f"--nothing=really --root={root} ") for line in commands)


def test_every_command_has_the_root_of_the_run_if_the_runtime_takes_one(suite: Suite) -> None:
    called = suite.directory / "called"
    runtime = suite.runtime(f'echo "$@" >> {called}\nexec $REFERENCE "$@"')
    assert suite.run("-n", "2", f"--runtime={runtime}", "-k", "test_kill_without_a_signal_sends_term").status == 0
    version, *commands = called.read_text(encoding="utf-8").splitlines()
    assert version == "--version"
    roots = {line.split()[0] for line in commands}
    assert len(roots) == 1
    assert roots.pop().startswith(f"--root={suite.temporary}/oci-conform-")


def test_runtime_that_does_not_know_root_is_called_without(suite: Suite) -> None:
    runtime = suite.runtime('case "$1" in --root*) echo "no such option" >&2; exit 1;; esac\nexec $REFERENCE "$@"')
    run = suite.run("-n", "0", f"--runtime={runtime}", "-k", "test_kill_without_a_signal_sends_term")
    assert run.outcomes == {"runtime/test_kill.py::test_kill_without_a_signal_sends_term": "pass"}


def test_runtime_that_wants_the_signal_as_an_option_gets_it_so(suite: Suite) -> None:
    called = suite.directory / "called"
    script = (
        f'echo "$@" >> {called}\n'
        'if [ "$2" = kill ]; then [ "$3" = --signal ] || exit 1; set -- "$1" kill "$5" "$4"; fi\n'
        'exec $REFERENCE "$@"'
    )
    run = suite.run("-n", "2", f"--runtime={suite.runtime(script)}", "-k", "test_kill_sends_the_signal_of_a_name")
    assert set(run.outcomes.values()) == {"pass"}


@pytest.mark.parametrize(
    ("features", "version", "spec_version", "source"),
    [
        ('{"ociVersionMin": "1.0.0", "ociVersionMax": "1.2.0"}', "", "1.2.0", "its features"),
        ('{"ociVersionMin": "1.0.0", "ociVersionMax": "1.2.9-dev"}', "", "1.2.1", "its features"),
        ('{"ociVersionMin": "1.0.0", "ociVersionMax": "7.0.0"}', "", "1.3.0", "its features"),
        # A runtime without that command, which takes every version.
        (None, "it version 1\\nspec: 1.0.2-dev", "1.0.2", "its --version, for it does not look at ociVersion"),
        (None, "it version 1", "1.0.2", "nothing: it does not look at ociVersion, and has no features command"),
        ("[]", "it version 1", "1.0.2", "nothing: it does not look at ociVersion, and has no features command"),
    ],
)
def test_version_of_the_specification_is_learned(
    suite: Suite, features: str | None, version: str, spec_version: str, source: str
) -> None:
    answer = "exit 1" if features is None else f"echo '{features}'; exit 0"
    script = (
        f'[ "$1" = --version ] && {{ printf "{version}"; exit; }}\n'
        f'[ "$2" = features ] && {{ {answer}; }}\n'
        # It takes any version.
        'if [ "$2" = create ]; then sed -i \'s/"ociVersion": "[^"]*"/"ociVersion": "1.0.0"/\' "$4/config.json"; fi\n'
        'exec $REFERENCE "$@"'
    )
    run = suite.run("-n", "0", f"--runtime={suite.runtime(script)}", "-k", "test_kill_without_a_signal_sends_term")
    assert (run.header["spec_version"], run.header["spec_version_source"]) == (spec_version, source)


def test_version_of_the_specification_is_tried_if_it_is_looked_at(suite: Suite) -> None:
    script = (
        '[ "$2" = features ] && exit 1\n'
        'if [ "$2" = create ] && ! grep -q \'"ociVersion": "1.[01]\' "$4/config.json"; then exit 1; fi\n'
        'exec $REFERENCE "$@"'
    )
    run = suite.run("-n", "0", f"--runtime={suite.runtime(script)}", "-k", "test_kill_without_a_signal_sends_term")
    assert (run.header["spec_version"], run.header["spec_version_source"]) == (
        "1.1.0",
        "trials: it takes no newer ociVersion",
    )


def test_suite_does_not_need_what_only_the_tests_need() -> None:
    """The tests run where everything is installed; the suite has to do with less."""
    script = (
        "import sys\n"
        "from conformance import cli, collection, fixtures, session\n"
        "from conformance.cli import run\n"
        "from conformance.report import plugin\n"
        "from conformance.verdict import baseline, judge\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:])))\n"
    )
    families = ["hypothesis", "junitparser", "tap", "yaml", "hatchling", "tomlkit", "msgspec"]
    done = subprocess.run([sys.executable, "-c", script, *families], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["msgspec", "tomlkit"]
