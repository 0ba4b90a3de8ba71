"""The register of requirements: sound in itself, complete, and true to the specification where that is at hand.

`$OCI_SPEC_DIRECTORY` is a directory with the documents of the specification and of the command line interface, and with
`requirements.tsv`, an inventory of them: a table with a row for each normative statement.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import versions
from conformance.errors import DamagedData
from conformance.plugin import CHECKS
from conformance.requirements import register
from conformance.requirements.levels import LEVELS
from conformance.requirements.register import Requirement

REGISTER = register.load()

Row = dict[str, str]

LEVEL_OF_KEYWORD = {
    "MUST": "MUST",
    "MUST NOT": "MUST",
    "REQUIRED": "MUST",
    "SHOULD": "SHOULD",
    "SHOULD NOT": "SHOULD",
    "NOT RECOMMENDED": "SHOULD",
    "MAY": "MAY",
    "OPTIONAL": "MAY",
    "IMPLIED": "IMPLIED",
}

# Where the register says something else than the inventory: each with the reason.
HOOKS_OF_THE_SCHEMA = ("createContainer", "startContainer", "poststart", "poststop")
OTHER_LEVEL = {
    # "Entries have the same schema as createRuntime entries" has no keyword; the parts of that schema have theirs.
    **{
        f"config.hooks.{kind}.{part}": "the level of the same part of createRuntime"
        for kind in HOOKS_OF_THE_SCHEMA
        for part in ("path.required", "path.absolute", "timeout.positive")
    },
    "config.process.user.umask.default": "the text has a 'should not', though in small letters",
    "config_linux.masked_paths.missing": "the text does not say what happens, so a runtime may do either",
    "config_linux.readonly_paths.missing": "the text does not say what happens, so a runtime may do either",
    "config_linux.readonly_paths.submounts": "the text does not say how far down a path reaches",
}
OTHER_FIRST_VERSION = {
    # The rows have the version of the sentence, which 1.0.0 has for prestart; the hook is of 1.0.2.
    **{
        f"config.hooks.createRuntime.{part}": "there are no createRuntime hooks before 1.0.2"
        for part in ("path.required", "path.execv", "path.absolute", "args", "env", "timeout", "timeout.positive")
    },
    "config_linux.namespaces.supported.time": "the row is of all types; this one is of 1.1.0",
    "config.process.capabilities.known": "before 1.1.0, config.process.capabilities.mapped stands in its place",
    "config.domainname.runtime_namespace": "there is no domainname before 1.1.0",
}

MARKERS = """
import json, sys
import pytest

class Collector:
    def __init__(self):
        self.found = {}

    def pytest_itemcollected(self, item):
        self.found[item.nodeid] = [name for marker in item.iter_markers("requirement") for name in marker.args]

    def pytest_sessionfinish(self):
        json.dump(self.found, open(sys.argv[2], "w"))

raise SystemExit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", sys.argv[1]], plugins=[Collector()]))
"""


@pytest.fixture(scope="module")
def requirements_of_checks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The requirements of every check, of all versions of the specification."""
    found = tmp_path_factory.mktemp("register") / "markers.json"
    subprocess.run([sys.executable, "-c", MARKERS, CHECKS, str(found)], check=True, capture_output=True, cwd="/")
    markers: dict[str, list[str]] = json.loads(found.read_text(encoding="utf-8"))
    return markers


@pytest.fixture(scope="module")
def specification() -> Path:
    """The directory of the specification."""
    name = os.environ.get("OCI_SPEC_DIRECTORY")
    if not name:
        pytest.skip("$OCI_SPEC_DIRECTORY does not name a directory with the specification")
    return Path(name)


@pytest.fixture(scope="module")
def inventory(specification: Path) -> dict[str, Row]:
    """The rows of the inventory, by ID."""
    with (specification / "requirements.tsv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}


def rows_of(requirement: Requirement) -> list[str]:
    """The IDs of the rows of the inventory that a requirement covers."""
    return [f"{requirement.document}#{row}" for row in requirement.inventory]


def levels_of(rows: list[Row]) -> set[str]:
    """The levels that a requirement of these rows may have: that of the strongest of them.

    What a property does that MAY be there is IMPLIED once it is there.
    """
    strongest = min((LEVEL_OF_KEYWORD[row["level"]] for row in rows), key=LEVELS.index)
    return {"MAY", "IMPLIED"} if strongest == "MAY" else {strongest}


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


ROW = '[[requirement]]\nid = "a.b"\nlevel = "MUST"\nanchor = "here"\ntext = "It is."\n'


def test_file_is_loaded_with_what_stands_above_its_rows(tmp_path: Path) -> None:
    (found,) = register.load_file(written(tmp_path / "a.toml", f'document = "a.md"\nplatform = "linux"\n{ROW}'))
    assert (found.id, found.document, found.platform, found.level) == ("a.b", "a.md", "linux", "MUST")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("document = 1\n", "requirement"),
        ("document = \n", "Invalid value"),
        (ROW, "document"),
        (f'document = "a.md"\n{ROW}levle = "MUST"\n', "levle"),
        (f'document = "a.md"\n{ROW}'.replace('"MUST"', '"SHALL"'), "SHALL"),
        (f'document = "a.md"\n{ROW}inventory = "here/01"\n', "inventory"),
    ],
    ids=["no rows", "no TOML", "no document", "unknown property", "unknown level", "wrong type"],
)
def test_damaged_file_is_refused_with_its_path(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path / "a.toml", text)
    with pytest.raises(DamagedData) as caught:
        register.load_file(path)
    assert caught.value.path == str(path)
    assert problem in str(caught.value)


def test_duplicate_id_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "a.toml", f'document = "a.md"\n{ROW}')
    written(tmp_path / "b.toml", f'document = "b.md"\n{ROW}')
    monkeypatch.setattr(register, "__file__", str(tmp_path / "register.py"))
    with pytest.raises(DamagedData, match=r"a\.b is there twice"):
        register.load.__wrapped__()


def test_nearest_id_is_offered() -> None:
    assert REGISTER.nearest("runtime.kill.send_signal") == "runtime.kill.sends_signal"
    assert REGISTER.nearest("something.quite.different") is None


@pytest.mark.parametrize(
    ("version", "stands"), [("1.0.0", False), ("1.1.0", True), ("1.1.0-rc.1", True), ("1.2.1", True), ("1.3.0", False)]
)
def test_requirement_stands_from_its_first_to_its_last_version(version: str, *, stands: bool) -> None:
    requirement = Requirement(
        id="a.b", level="MUST", document="a.md", anchor="here", text="It is.", since="1.1.0", until="1.2.1"
    )
    assert requirement.in_force(version) is stands


def test_reference_leads_to_the_section_in_that_version() -> None:
    assert REGISTER["runtime.kill.sends_signal"].reference("1.2.0") == (
        "https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#runtimeKill"
    )


def test_ids_are_dotted_words() -> None:
    word = r"[a-z][a-zA-Z0-9_]*"
    assert [name for name in REGISTER.requirements if not re.fullmatch(rf"{word}(\.{word})+", name)] == []


def test_no_part_of_an_id_is_an_ordinal() -> None:
    assert [name for name in REGISTER.requirements if re.search(r"\.\d+(\.|$)", name)] == []


@pytest.mark.parametrize("requirement", REGISTER.requirements.values(), ids=lambda requirement: requirement.id)
def test_requirement_is_sound(requirement: Requirement) -> None:
    assert requirement.level in LEVELS
    assert requirement.since in versions.KNOWN
    assert requirement.until is None or versions.key(requirement.since) <= versions.key(requirement.until)
    assert requirement.until is None or requirement.until in versions.KNOWN[:-1]
    assert requirement.text.endswith((".", ".)"))
    assert "\n" not in requirement.text
    for reason in (requirement.contested, requirement.ambiguous, requirement.untestable):
        assert reason is None or reason.strip()


def test_no_two_requirements_that_stand_in_one_version_have_one_text() -> None:
    for version in versions.KNOWN:
        texts = [(requirement.document, requirement.text) for requirement in REGISTER.in_force(version)]
        assert sorted(text for text in set(texts) if texts.count(text) > 1) == []


def test_every_requirement_is_observed_or_has_a_reason_and_never_both(
    requirements_of_checks: dict[str, list[str]],
) -> None:
    observed = {name for names in requirements_of_checks.values() for name in names}
    untestable = {name for name, requirement in REGISTER.requirements.items() if requirement.untestable}
    pending = {name for name, requirement in REGISTER.requirements.items() if requirement.pending}
    assert sorted(REGISTER.requirements.keys() - observed - untestable - pending) == [], "neither a check nor a reason"
    assert sorted(observed & untestable) == [], "both a check and a reason why there is none"
    assert sorted(observed & pending) == [], "pending, and there is a check"
    assert sorted(pending & untestable) == [], "pending, and there is a reason why there is no check"


def test_every_check_observes_requirements_that_exist(requirements_of_checks: dict[str, list[str]]) -> None:
    assert {name: names for name, names in requirements_of_checks.items() if not names} == {}
    assert {name for names in requirements_of_checks.values() for name in names} - REGISTER.requirements.keys() == set()


def test_every_check_can_be_made_in_some_version(requirements_of_checks: dict[str, list[str]]) -> None:
    never = [
        check
        for check, names in requirements_of_checks.items()
        if not any(all(REGISTER[name].in_force(version) for name in names) for version in versions.KNOWN)
    ]
    assert never == []


def test_there_are_enough_checks(requirements_of_checks: dict[str, list[str]]) -> None:
    assert len(requirements_of_checks) >= 200


def test_anchors_exist(specification: Path) -> None:
    anchors: dict[str, set[str]] = {}
    for document in {requirement.document for requirement in REGISTER.requirements.values()}:
        text = (specification / document).read_text(encoding="utf-8")
        named = set(re.findall(r'<a name="([^"]+)"', text))
        # What GitHub makes of a heading.
        headings = re.findall(r"^#+ +(?:<a [^>]*/> *)?(.+?) *$", text, re.MULTILINE)
        anchors[document] = named | {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    lost = [r.id for r in REGISTER.requirements.values() if r.anchor not in anchors[r.document]]
    assert lost == []


def test_every_row_of_the_inventory_exists(inventory: dict[str, Row]) -> None:
    lost = {r.id: row for r in REGISTER.requirements.values() for row in rows_of(r) if row not in inventory}
    assert lost == {}


def test_every_row_of_the_inventory_is_covered(inventory: dict[str, Row]) -> None:
    covered = {row for requirement in REGISTER.requirements.values() for row in rows_of(requirement)}
    assert sorted(inventory.keys() - covered) == []


def test_levels_are_those_of_the_inventory(inventory: dict[str, Row]) -> None:
    differing = {
        requirement.id
        for requirement in REGISTER.in_force(versions.NEWEST)
        if requirement.inventory
        and requirement.level not in levels_of([inventory[row] for row in rows_of(requirement)])
    }
    assert differing == OTHER_LEVEL.keys()


def test_first_versions_are_those_of_the_inventory(inventory: dict[str, Row]) -> None:
    differing = {
        requirement.id
        for requirement in REGISTER.in_force(versions.NEWEST)
        if requirement.inventory
        and requirement.since != min((inventory[row]["since"] for row in rows_of(requirement)), key=versions.key)
    }
    assert differing == OTHER_FIRST_VERSION.keys()


def test_platforms_are_those_of_the_inventory(inventory: dict[str, Row]) -> None:
    differing = {
        requirement.id: requirement.platform
        for requirement in REGISTER.in_force(versions.NEWEST)
        if requirement.inventory
        and requirement.platform not in [inventory[row]["platform"] for row in rows_of(requirement)]
    }
    assert differing == {}


def test_what_ends_is_followed_by_something_else() -> None:
    ended = [requirement for requirement in REGISTER.requirements.values() if requirement.until]
    assert ended
    for requirement in ended:
        assert not requirement.inventory, "the inventory is of the newest version"
        after = versions.KNOWN[versions.KNOWN.index(str(requirement.until)) + 1]
        assert [r.id for r in REGISTER.in_force(after) if r.since == after and r.anchor == requirement.anchor]
