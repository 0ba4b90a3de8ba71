"""Which checks a run makes, and what it says to a selection that makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.requirements import register

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run, Suite


WORKERS = pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])


def demand_usage_error(run: Run, message: str) -> None:
    """The message once, and exit status 2."""
    assert run.status == 2
    assert run.output.count(message) == 1
    assert not run.has_traceback


def collected(run: Run) -> list[str]:
    """The IDs that `--collect-only -q` lists."""
    assert not run.has_traceback
    return [line for line in run.stdout.splitlines() if "::" in line]


@pytest.fixture(scope="module")
def all_checks(shared_suite: Suite) -> list[str]:
    run = shared_suite.command("run", "--collect-only", "-q")
    assert run.status == 0
    return collected(run)


def test_without_words_all_checks_are_collected(all_checks: list[str]) -> None:
    directories = {identifier.partition("/")[0] for identifier in all_checks}
    assert directories >= {"bundle", "config", "config_linux", "runtime", "runtime_linux"}
    assert len(all_checks) >= 200


@pytest.mark.parametrize(
    ("words", "selects"),
    [
        (["runtime/test_kill.py"], lambda check: check.startswith("runtime/test_kill.py::")),
        (["runtime"], lambda check: check.startswith("runtime/")),
        (["runtime/test_start.py", "bundle"], lambda check: check.startswith(("runtime/test_start.py", "bundle/"))),
        (["-k", "test_kill_sends_term"], lambda check: "test_kill_sends_term" in check),
        # There is a directory of that name.
        (["-k", "runtime and test_kill_sends_term"], lambda check: "test_kill_sends_term" in check),
        (["-k", "bundle"], lambda check: "bundle" in check),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_for_pytest(suite: Suite, all_checks: list[str], words: list[str], selects: object) -> None:
    assert callable(selects)
    run = suite.command("run", "--collect-only", "-q", *words)
    assert sorted(collected(run)) == sorted(filter(selects, all_checks)) != []


def test_check_is_selected_by_the_id_that_reports_have(suite: Suite) -> None:
    name = "runtime/test_kill.py::test_kill_sends_term"
    run = suite.run("-n", "0", name)
    assert run.outcomes == {name: "pass"}
    assert run.status == 0


def test_check_is_selected_by_its_id_whatever_the_value_of_an_option_is(suite: Suite) -> None:
    name = "runtime/test_kill.py::test_kill_sends_term"
    junit = suite.directory / "junit.xml"
    junit.touch()
    assert collected(suite.command("run", "--collect-only", "-q", "--junit-xml", str(junit), name)) == [name]


def test_file_that_is_there_already_is_no_selection(suite: Suite, all_checks: list[str]) -> None:
    junit = suite.directory / "junit.xml"
    junit.touch()
    run = suite.command("run", "--collect-only", "-q", "--junit-xml", str(junit))
    assert sorted(collected(run)) == sorted(all_checks)


def test_requirement_selects_by_the_beginning_of_the_id(suite: Suite) -> None:
    run = suite.run("-n", "0", "--requirement=runtime.kill.sends", "--requirement=runtime.state.id.present")
    wanted = ("runtime.kill.sends", "runtime.state.id.present")
    assert run.checks
    for record in run.checks.values():
        assert any(name.startswith(wanted) for name in record["requirements"])


def test_version_of_the_specification_deselects_what_it_does_not_have(suite: Suite, all_checks: list[str]) -> None:
    old = collected(suite.command("run", "--collect-only", "-q", "--spec-version=1.0.0"))
    new = collected(suite.command("run", "--collect-only", "-q", "--spec-version=1.3.0"))
    assert sorted(new) == sorted(all_checks)
    assert set(old) - set(new), "no check is for the old version only"
    assert set(new) - set(old), "no check is for the new version only"


def test_version_of_the_specification_is_that_of_the_report(suite: Suite) -> None:
    run = suite.run("-n", "0", "--spec-version=1.2.0", "-k", "test_kill_without_a_signal_sends_term")
    assert (run.header["spec_version"], run.header["spec_version_source"]) == ("1.2.0", "--spec-version")
    assert all(
        "/v1.2.0/" in record["reference"] for record in run.requirements.values() if record["id"] == "runtime.kill"
    )
    known = register.load()
    assert set(run.requirements) == {requirement.id for requirement in known.in_force("1.2.0")}


def test_collecting_runs_nothing(suite: Suite) -> None:
    called = suite.directory / "called"
    runtime = suite.runtime(f'echo "$@" >> {called}; exec $REFERENCE "$@"')
    run = suite.command("run", "--collect-only", f"--runtime={runtime}", "runtime/test_kill.py")
    assert run.status == 0
    assert "tests collected" in run.stdout
    assert not called.exists()
    assert suite.left == []


def test_collecting_writes_no_report(suite: Suite) -> None:
    assert suite.run("--collect-only", "runtime/test_kill.py").status == 0
    assert not suite.report.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--requirement=runtime.kil.signal"],
            "--requirement: there is no requirement 'runtime.kil.signal'; did you mean",
        ),
        (["--require-need=cgroups"], "--require-need: there is no need 'cgroups'"),
        (["--spec-version=1.4.0"], "--spec-version: there are rules for 1.0.0"),
        (["--runtime-timeout=soon"], "--runtime-timeout is a number of seconds, not 'soon'"),
        (["--runtime-timeout=0"], "--runtime-timeout is a number of seconds, not '0'"),
        (["--runtime-timeout=nan"], "--runtime-timeout is a number of seconds, not 'nan'"),
        (["--compliance-level=perhaps"], "argument --compliance-level: invalid choice: 'perhaps'"),
        (["--conformance-report=/nonexistent/report"], "/nonexistent/report: No such file or directory"),
        (["--conformance-report=/"], "/: Is a directory"),
        (["--tap-report=/nonexistent/tap"], "/nonexistent/tap: No such file or directory"),
        (["--write-expectations=/nonexistent/toml"], "/nonexistent/toml: No such file or directory"),
        (["--expectations=nowhere"], "nowhere: there is no such file, and no shipped one of that name"),
        (["--expectations=/nonexistent/toml"], "/nonexistent/toml: "),
        (["--no-such-option"], "--no-such-option"),
        (["runtime/test_nothing.py"], "there is no check and no file runtime/test_nothing.py"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_gets_one_clear_message(suite: Suite, words: list[str], message: str) -> None:
    demand_usage_error(suite.command("run", *words), message)
    assert suite.left == []


@WORKERS
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["runtime/test_kill.py::test_nothing"], "test_nothing"),
        (["-k", "("], "Wrong expression passed to '-k'"),
    ],
    ids=["no such check", "no expression"],
)
def test_wrong_selection_gets_one_clear_message(suite: Suite, workers: str, words: list[str], message: str) -> None:
    demand_usage_error(suite.command("run", "-n", workers, *words), message)
    assert suite.left == []


@pytest.mark.parametrize("words", [[], ["walk"], ["clean", "everything"], ["run", "--runtime"]])
def test_wrong_command_gets_its_usage(suite: Suite, words: list[str]) -> None:
    run = suite.command(*words)
    assert run.status == 2
    assert "usage: oci-conform" in run.stderr
    assert not run.has_traceback


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        (
            "@requirement('runtime.kil')\ndef test_it(): pass",
            "test_all.py::test_it: there is no requirement 'runtime.kil'",
        ),
        ("def test_it(): pass", "test_all.py::test_it: there is no requirement ''"),
        (
            "@needs('cgroups')\n@requirement('runtime.state.id.present')\ndef test_it(): pass",
            "test_all.py::test_it: there is no need 'cgroups'",
        ),
    ],
    ids=["unknown requirement", "no requirement", "unknown need"],
)
@WORKERS
def test_check_with_an_unknown_name_stops_the_collection(suite: Suite, workers: str, checks: str, message: str) -> None:
    run = suite.run_checks({"test_all.py": f"from conformance import needs, requirement\n{checks}\n"}, "-n", workers)
    demand_usage_error(run, message)
    assert suite.left == []


@WORKERS
def test_module_that_cannot_be_imported_is_an_error_of_the_suite(suite: Suite, workers: str) -> None:
    run = suite.run_checks({"test_all.py": "import there_is_no_such_module\n"}, "-n", workers)
    assert "there_is_no_such_module" in run.stdout
    assert (run.footer["verdict"], run.status) == ("error", 3)


def test_kept_bundle_can_be_run_again(suite: Suite) -> None:
    checks = (
        "from conformance import requirement\n\n"
        "@requirement('runtime.state.id.present')\n"
        "def test_it(container):\n    assert container().facts().cwd == 'elsewhere'\n"
    )
    run = suite.run_checks({"test_all.py": checks}, "--keep-bundles")
    assert run.status == 1
    kept: list[Path] = list(suite.temporary.glob("oci-conform-*/*/*/bundle/config.json"))
    assert len(kept) == 1
    assert f"the bundle is kept below {kept[0].parents[3]}" in run.stdout
    assert suite.command("clean").status == 0
    assert suite.left == []
