"""Expectation files: what they say of a run, what is refused, and how one is written and reviewed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import resources
from conformance.errors import BadFile, UnknownName
from conformance.requirements import register
from conformance.verdict import expectations

if TYPE_CHECKING:
    from tests.conftest import Run, Suite

CHECKS = """
import pytest

from conformance import requirement
from conformance.verdict.findings import Finding

@requirement("runtime.state.id.present")
@pytest.mark.parametrize("value", ["plain", 'quo"te', "a\\\\b"])
def test_deviates(value):
    raise Finding("this", 'it was "that" \\\\ \\x1b[31m \\n and \\U0001f600')

@requirement("runtime.state.status.present", "runtime.state.id.present")
def test_deviates_too():
    assert "that" == "this"

@requirement("runtime.state.id.present")
def test_conforms():
    pass

@requirement("config_linux.default_filesystems.proc")
def test_advises():
    assert "that" == "this"
"""

OTHER_CHECKS = """
from conformance import requirement

@requirement("runtime.state.id.present")
def test_other():
    pass
"""

REGISTER = register.load()


def row(**changes: Any) -> dict[str, Any]:
    """A row of an expectation file; None leaves a property out."""
    properties = {
        "requirement": "runtime.state.id.present",
        "checks": ["test_all.py::test_deviates[plain]"],
        "observed": "it does that",
        "reason": "it should do this",
        **changes,
    }
    return {name: value for name, value in properties.items() if value is not None}


def text(*rows: dict[str, Any], runtime: str = "made up") -> str:
    """An expectation file."""
    lines = [f'runtime = "{runtime}"']
    for entry in rows:
        lines.append("[[deviation]]")
        for name, value in entry.items():
            shown = f"[{', '.join(repr(item) for item in value)}]" if isinstance(value, list) else repr(value)
            lines.append(f"{name} = {shown.lower() if isinstance(value, bool) else shown}")
    return "\n".join(lines) + "\n"


def expect(suite: Suite, content: str, *words: str) -> Run:
    """Run the checks with an expectation file."""
    path = suite.directory / "expectations.toml"
    path.write_text(content, encoding="utf-8")
    return suite.run_checks({"test_all.py": CHECKS, "test_other.py": OTHER_CHECKS}, f"--expectations={path}", *words)


def demand_refusal(run: Run, message: str) -> None:
    assert run.status == 2
    assert run.output.count(message) == 1
    assert not run.has_traceback


WORKERS = pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])


@WORKERS
def test_known_deviation_is_no_failure(suite: Suite, workers: str) -> None:
    run = expect(suite, text(row()), "-n", workers, "-k", "plain or conforms")
    assert run.outcomes == {"test_all.py::test_deviates[plain]": "xfail", "test_all.py::test_conforms": "pass"}
    assert (run.footer["verdict"], run.status) == ("conformant", 0)
    assert run.checks["test_all.py::test_deviates[plain]"]["reason"] == "it should do this"


@WORKERS
def test_stale_row_is_a_failure(suite: Suite, workers: str) -> None:
    run = expect(suite, text(row(checks=["test_all.py::test_conforms"])), "-n", workers, "-k", "conforms")
    assert run.outcomes == {"test_all.py::test_conforms": "xpass"}
    assert (run.footer["verdict"], run.status) == ("not conformant", 1)
    assert "the row of the expectation file is stale" in run.stdout


def test_intermittent_deviation_may_stay_away(suite: Suite) -> None:
    content = text(row(checks=["test_all.py::test_conforms", "test_all.py::test_deviates[plain]"], intermittent=True))
    run = expect(suite, content, "-k", "conforms or plain")
    assert run.outcomes == {"test_all.py::test_conforms": "pass", "test_all.py::test_deviates[plain]": "xfail"}
    assert run.status == 0


def test_row_does_not_excuse_an_error_of_the_suite(suite: Suite) -> None:
    checks = (
        "from conformance import requirement\n"
        "@requirement('runtime.state.id.present')\ndef test_breaks():\n    raise RuntimeError\n"
    )
    path = suite.directory / "expectations.toml"
    path.write_text(text(row(checks=["test_all.py::test_breaks"])), encoding="utf-8")
    run = suite.run_checks({"test_all.py": checks}, f"--expectations={path}")
    assert run.outcomes == {"test_all.py::test_breaks": "error"}
    assert run.status == 3


def test_row_holds_where_only_one_check_is_selected(suite: Suite) -> None:
    content = text(row(), row(checks=["test_other.py::test_other"]))
    run = expect(suite, content, "-k", "plain")
    assert run.outcomes == {"test_all.py::test_deviates[plain]": "xfail"}
    assert run.status == 0


@WORKERS
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"checks": ["test_all.py::test_deviate[plain]"]},
            "there is no check 'test_all.py::test_deviate[plain]'; did you mean 'test_all.py::test_deviates[plain]'?",
        ),
        ({"checks": ["test_nothing.py::test_it"]}, "there is no check 'test_nothing.py::test_it'"),
        (
            {"requirement": "runtime.state.status.present"},
            "test_all.py::test_deviates[plain] does not observe runtime.state.status.present",
        ),
    ],
    ids=["unknown check", "unknown file", "other requirement"],
)
def test_row_about_no_check_is_refused(suite: Suite, workers: str, changes: dict[str, Any], message: str) -> None:
    demand_refusal(expect(suite, text(row(**changes)), "-n", workers), message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (text(row(requirement="runtime.state.id.presen")), "no requirement 'runtime.state.id.presen'; did you mean"),
        (text(row(reason=None)), "missing required field `reason`"),
        (text(row(reason="  ")), "the row of runtime.state.id.present has no checks, nothing observed, or no reason"),
        (text(row(observed="")), "the row of runtime.state.id.present has no checks, nothing observed, or no reason"),
        (text(row(checks=[])), "the row of runtime.state.id.present has no checks, nothing observed, or no reason"),
        (text(row(), row()), "test_all.py::test_deviates[plain] is in two rows"),
        (text(row(resaon="because")), "unknown field `resaon`"),
        (text(row(checks="test_all.py::test_it")), "Expected `array`, got `str` - at `$.deviation[0].checks`"),
        ("[[deviation]]\n", "missing required field"),
        ("runtime = \n", "Invalid value"),
        ("\0", "Invalid statement"),
    ],
    ids=lambda value: "" if "\n" in value or "\0" in value else value,
)
def test_file_with_a_fault_is_refused(suite: Suite, content: str, message: str) -> None:
    run = expect(suite, content)
    demand_refusal(run, message)
    assert str(suite.directory / "expectations.toml") in run.output


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "expectations.toml"
    path.write_bytes(b"runtime = '\xff'")
    with pytest.raises(BadFile):
        expectations.load(str(path), REGISTER)


def test_shipped_file_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "directory", lambda name: str(tmp_path / name))
    (tmp_path / "expectations").mkdir()
    for name in ("runc", "crun"):
        (tmp_path / "expectations" / f"{name}.toml").write_text(text(row(), runtime=name), encoding="utf-8")
    assert expectations.find("runc") == tmp_path / "expectations" / "runc.toml"
    assert expectations.load("runc", REGISTER).keys() == {"test_all.py::test_deviates[plain]"}
    with pytest.raises(BadFile, match=r"no shipped one of that name; shipped are crun, runc$"):
        expectations.find("ruc")


def test_file_of_the_user_comes_before_a_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runc").write_text(text(row()), encoding="utf-8")
    assert expectations.find("runc") == Path("runc")


SHIPPED = sorted(Path(resources.directory("expectations")).glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_file_is_sound(path: Path) -> None:
    found = expectations.load(path.stem, REGISTER)
    assert found
    assert all("not reviewed" not in entry.reason for entry in found.values())


def test_check_of_a_shipped_file_exists(suite: Suite) -> None:
    known: set[str] = set()
    for version in ("1.0.2", "1.1.0", "1.2.1", "1.3.0"):
        known |= set(suite.command("run", "--collect-only", "-q", f"--spec-version={version}").stdout.splitlines())
    for path in SHIPPED:
        assert expectations.load(path.stem, REGISTER).keys() - known == set()


def test_what_is_not_known_as_a_check_has_to_be_a_file_at_least(tmp_path: Path) -> None:
    entry = expectations.Expectation(requirement="a", checks=("b",), observed="c", reason="d")
    (tmp_path / "test_uncollected.py").touch()
    known = ["test_all.py::test_it"]
    expectations.refuse_unknown_checks({"test_uncollected.py::test_it": entry}, known, tmp_path)
    expectations.refuse_unknown_checks({"test_all.py::test_it": entry}, known, tmp_path)
    for name in ("test_all.py::test_nothing", "test_nothing.py::test_it"):
        with pytest.raises(UnknownName):
            expectations.refuse_unknown_checks({name: entry}, known, tmp_path)


def rows_in(path: Path) -> dict[str, dict[str, Any]]:
    """The rows of an expectation file, by check."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {check: entry for entry in content["deviation"] for check in entry["checks"]}


@WORKERS
def test_written_file_makes_the_next_run_conformant(suite: Suite, workers: str) -> None:
    files = {"test_all.py": CHECKS, "test_other.py": OTHER_CHECKS}
    written = suite.directory / "written.toml"
    first = suite.run_checks(files, "-n", workers, f"--write-expectations={written}")
    assert first.status == 1
    deviations = {name for name, outcome in first.outcomes.items() if outcome == "fail"}
    assert rows_in(written).keys() == deviations
    second = suite.run_checks(files, "-n", workers, f"--expectations={written}")
    assert {name for name, outcome in second.outcomes.items() if outcome == "xfail"} == deviations
    assert (second.footer["verdict"], second.status) == ("conformant", 0)


def test_written_file_says_what_was_observed_and_asks_for_a_review(suite: Suite) -> None:
    written = suite.directory / "written.toml"
    suite.run_checks({"test_all.py": CHECKS}, f"--write-expectations={written}")
    entry = rows_in(written)["test_all.py::test_deviates_too"]
    assert entry["requirement"] == "runtime.state.status.present"
    assert "'that'" in entry["observed"]
    assert "not reviewed" in entry["reason"]


def test_review_survives_writing_again(suite: Suite) -> None:
    files = {"test_all.py": CHECKS}
    written = suite.directory / "written.toml"
    reviewed = row(observed="I saw it", reason="I know why", link="https://example.org/1")
    path = suite.directory / "expectations.toml"
    path.write_text(text(reviewed), encoding="utf-8")
    # The same file may be read and written.
    for destination in (written, path):
        suite.run_checks(files, f"--expectations={path}", f"--write-expectations={destination}")
        assert rows_in(destination)["test_all.py::test_deviates[plain]"] == reviewed
        assert "not reviewed" in rows_in(destination)["test_all.py::test_deviates_too"]["reason"]


def test_row_that_has_become_stale_is_not_written_again(suite: Suite) -> None:
    written = suite.directory / "written.toml"
    run = expect(
        suite, text(row(), row(checks=["test_all.py::test_conforms"])), f"--write-expectations={written}", "-k",
        "plain or conforms",
    )  # fmt: skip
    assert run.outcomes["test_all.py::test_conforms"] == "xpass"
    assert rows_in(written).keys() == {"test_all.py::test_deviates[plain]"}


def test_a_run_without_deviations_writes_a_file_without_rows(suite: Suite) -> None:
    written = suite.directory / "written.toml"
    suite.run_checks({"test_all.py": CHECKS}, f"--write-expectations={written}", "-k", "conforms")
    assert rows_in(written) == {}
    assert expectations.load(str(written), REGISTER) == {}


def test_intermittent_row_is_written_again_whether_it_was_seen_or_not(suite: Suite) -> None:
    written = suite.directory / "written.toml"
    content = text(row(checks=["test_all.py::test_conforms"], intermittent=True))
    run = expect(suite, content, f"--write-expectations={written}", "-k", "conforms")
    assert run.status == 0
    assert rows_in(written).keys() == {"test_all.py::test_conforms"}


def test_failure_without_a_word_is_written_so_that_it_can_be_read(suite: Suite) -> None:
    checks = (
        "from conformance import requirement\n\n"
        "@requirement('runtime.state.id.present')\ndef test_it():\n    raise AssertionError\n"
    )
    written = suite.directory / "written.toml"
    suite.run_checks({"test_all.py": checks}, f"--write-expectations={written}")
    assert suite.run_checks({"test_all.py": checks}, f"--expectations={written}").status == 0
