"""`oci-conform requirements` and `oci-conform explain`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.requirements import drift, inventory, register

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Suite

REGISTER = register.load()

DOCUMENT = """# <a name="configuration" />Configuration

Words, of which none is normative.

## <a name="configRoot" />Root

* **`path`** (string, REQUIRED) Specifies [a path](other.md#place)
  to the root filesystem.
"""


def checkout(directory: Path, text: str) -> Path:
    (directory / "config.md").write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def small_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of the document above, and of nothing else."""
    lines = ['["config.md"]']
    found = drift.sections(checkout(tmp_path, DOCUMENT))["config.md"]
    lines += [f'{anchor} = "{drift.digest(text)}"' for anchor, text in found.items()]
    recorded = tmp_path / "recorded.toml"
    recorded.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(drift, "RECORDED", recorded)


@pytest.mark.usefixtures("small_record")
@pytest.mark.parametrize(
    ("old", "new"),
    [("REQUIRED) Specifies", "REQUIRED)\nSpecifies"), ("other.md#place", "another.md"), ("\n\n\n", "\n\n")],
    ids=["break", "link", "blank"],
)
def test_what_is_no_word_is_no_drift(tmp_path: Path, old: str, new: str) -> None:
    assert drift.against(checkout(tmp_path, DOCUMENT.replace(old, new)), REGISTER) == []


@pytest.mark.usefixtures("small_record")
def test_changed_section_names_its_requirements(tmp_path: Path) -> None:
    (found,) = drift.against(checkout(tmp_path, DOCUMENT.replace("REQUIRED", "OPTIONAL")), REGISTER)
    assert (found.document, found.anchor, found.what, found.normative) == ("config.md", "configRoot", "changed", 1)
    assert "config.root.path.required" in found.requirements
    assert {REGISTER[identifier].anchor for identifier in found.requirements} == {"configRoot"}


@pytest.mark.usefixtures("small_record")
def test_sections_that_came_and_went(tmp_path: Path) -> None:
    text = DOCUMENT.replace("configRoot", "configBase")
    found = [(one.anchor, one.what) for one in drift.against(checkout(tmp_path, text), REGISTER)]
    assert found == [("configRoot", "gone"), ("configBase", "new")]


def test_every_requirement_stands_in_a_section_that_is_recorded() -> None:
    recorded = drift.recorded()
    places = {(one.document, one.anchor) for one in REGISTER.requirements.values() if one.document in drift.DOCUMENTS}
    assert sorted(place for place in places if place[1] not in recorded[place[0]]) == []


def test_drift_is_an_exit_status(suite: Suite) -> None:
    run = suite.command("requirements", f"--against={checkout(suite.work, DOCUMENT)}", "--format=json")
    assert run.status == 1
    assert {"changed", "gone"} == {one["what"] for one in json.loads(run.stdout)}
    nothing = suite.command("requirements", f"--against={suite.temporary}")
    assert nothing.status == 2
    assert nothing.output == (
        f"oci-conform requirements: {suite.temporary}: there is no document of the specification in it, "
        "such as config.md\n"
    )


def test_requirements_are_listed_and_counted(suite: Suite) -> None:
    run = suite.command("requirements", "runtime.kill.", "--level=MUST", "--spec-version=1.0.0")
    assert run.status == 0
    listed = [
        one.id for one in REGISTER.in_force("1.0.0") if one.id.startswith("runtime.kill.") and one.level == "MUST"
    ]
    lines = run.stdout.splitlines()
    assert [line.split()[0] for line in lines if line.endswith("(MUST, tested)")] == listed
    assert lines[-1] == f"{len(listed)} requirements: {len(listed)} of {len(listed)} that a check can see are tested"


def test_json_has_the_whole_register(suite: Suite) -> None:
    run = suite.command("requirements", "--format=json")
    rows = json.loads(run.stdout)
    assert [row["id"] for row in rows] == list(REGISTER.requirements)
    for row in rows:
        assert (row["status"] == "untestable") == (row["untestable"] is not None)
        assert (row["status"] == "tested") == bool(row["checks"])


def test_statuses_are_disjoint_and_all(suite: Suite) -> None:
    found = [
        row["id"]
        for status in ("tested", "untested", "untestable")
        for row in json.loads(suite.command("requirements", f"--status={status}", "--format=json").stdout)
    ]
    assert sorted(found) == sorted(REGISTER.requirements)


def test_inventory_is_listed_with_the_requirements_that_hold_its_rows(suite: Suite) -> None:
    table = suite.work / "inventory.tsv"
    table.write_text('id\tparaphrase\nruntime.md#runtimeState/24\t"state\nconfig.md#nowhere/01\tx\n', encoding="utf-8")
    run = suite.command("requirements", f"--inventory={table}")
    assert run.status == 1
    assert run.stdout.splitlines() == [
        "runtime.md#runtimeState/24: runtime.state.schema",
        "config.md#nowhere/01: none",
        "2 rows: 1 held by a requirement, 1 by none",
    ]
    table.write_text("id\nruntime.md#runtimeState/24\n", encoding="utf-8")
    run = suite.command("requirements", f"--inventory={table}", "--format=json")
    assert (run.status, json.loads(run.stdout)) == (0, {"runtime.md#runtimeState/24": ["runtime.state.schema"]})


@pytest.mark.parametrize(("content", "problem"), [(None, "No such file or directory"), ("a\tb\n", "column `id`")])
def test_file_that_is_no_inventory_is_wrong_usage(suite: Suite, content: str | None, problem: str) -> None:
    table = suite.work / "inventory.tsv"
    if content is not None:
        table.write_text(content, encoding="utf-8")
    run = suite.command("requirements", f"--inventory={table}")
    assert run.status == 2
    assert run.output.startswith(f"oci-conform requirements: {table}: ")
    assert problem in run.output


def test_every_row_of_the_register_is_in_the_map_of_the_inventory() -> None:
    held = inventory.held(REGISTER)
    assert sum(len(identifiers) for identifiers in held.values()) == sum(
        len(one.inventory) for one in REGISTER.requirements.values()
    )


@pytest.mark.parametrize(
    ("identifier", "history"),
    [
        (
            "runtime.lifecycle.hooks.poststart.failure.error",
            "to 1.2.1: A poststart hook that fails is a warning; the other hooks and the lifecycle go on.",
        ),
        ("config.mounts.destination.linux.must_be_absolute", "from 1.2.0 on: On Linux a relative `destination` is"),
    ],
)
def test_explanation_has_what_other_versions_say(suite: Suite, identifier: str, history: str) -> None:
    run = suite.command("explain", identifier)
    assert f"in other versions: - {history}" in " ".join(run.stdout.split())


def test_requirement_is_explained(suite: Suite) -> None:
    run = suite.command("explain", "runtime.delete.created_container")
    assert run.status == 0
    for word in (
        *("MUST", "runtime.md#runtimeDelete", "contested", "in force from 1.0.0", "known deviations of runtimes:"),
        "runtime/test_delete.py::test_delete_has_no_effect_on_a_created_container",
        *("delete_of_a_created_container_is_accepted", "runc 1.1.5", "crun 1.8.1", "runsc"),
    ):
        assert word in run.stdout


def test_explanation_says_why_there_is_no_check(suite: Suite) -> None:
    identifier = next(one.id for one in REGISTER.requirements.values() if one.untestable)
    run = suite.command("explain", identifier)
    assert "none can see it: " in " ".join(run.stdout.split())


@pytest.mark.parametrize("words", [("explain", "runtime.kil.no_id"), ("requirements", "runtime.kil.no_id")])
def test_unknown_id_names_the_nearest(suite: Suite, words: tuple[str, ...]) -> None:
    run = suite.command(*words)
    assert run.status == 2
    problem = "there is no requirement 'runtime.kil.no_id'; did you mean 'runtime.kill.no_id'?"
    assert run.output == f"oci-conform {words[0]}: {problem}\n"
