"""How checks of the features structure are told apart from those that have nothing to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.features import test_features
from conformance.facts import features
from conformance.requirements import register
from conformance.verdict.findings import Unobservable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Suite

REGISTER = register.load()

FEATURES = {"hooks": [], "mountOptions": ["ro", 1], "linux": {"cgroup": {"v1": True, "v2": None}, "seccomp": None}}


def test_values_are_found() -> None:
    assert features.status(FEATURES, "linux", "cgroup", "v1")
    assert features.names(FEATURES, "mountOptions") == ["ro"]
    assert features.names(FEATURES, "hooks") == []


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (features.status, ("linux", "cgroup", "v2")),
        (features.status, ("linux", "seccomp", "enabled")),
        (features.status, ("mountOptions",)),
        (features.names, ("linux", "seccomp", "actions")),
        (features.names, ("linux", "cgroup")),
        (features.some_names, ("hooks",)),
    ],
)
def test_what_is_not_said_cannot_be_looked_at(ask: Callable[..., Any], path: tuple[str, ...]) -> None:
    with pytest.raises(Unobservable) as caught:
        ask(FEATURES, *path)
    assert caught.value.need == features.SAID
    assert path[-1] in caught.value.reason


def test_every_row_that_a_features_document_can_break_is_of_the_form() -> None:
    assert set(test_features.FORM) == {one.id for one in REGISTER.requirements.values() if one.broken_by == "features"}


@pytest.mark.parametrize("answer", ["exit 1", "echo 'Usage: runtime COMMAND'; exit 0", "exit 0"])
def test_runtime_without_features_is_not_blamed(suite: Suite, answer: str) -> None:
    script = f'[ "$2" = features ] && {{ {answer}; }}\nexec $REFERENCE "$@"'
    words = ("-n", "0", "--spec-version=1.3.0", "features/test_features.py", "-k", "form")
    run = suite.run(f"--runtime={suite.runtime(script)}", *words)
    assert set(run.outcomes.values()) == {"skip"}
    assert {record["need"] for record in run.checks.values()} == {"features"}
    assert "features" in run.header["unmet_needs"]


def test_features_that_are_no_json_are_a_failure(suite: Suite) -> None:
    script = '[ "$2" = features ] && { echo "{"; exit 0; }\nexec $REFERENCE "$@"'
    words = ("-n", "0", "--spec-version=1.3.0", "--requirement=features.form")
    run = suite.run(f"--runtime={suite.runtime(script)}", *words)
    assert run.requirements["features.form"]["outcome"] == "fail"
