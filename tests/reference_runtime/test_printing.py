"""`plan`: the steps of a bundle, in text and in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.bundle.config import base
from reference_runtime import config, host, plan, printing
from reference_runtime.errors import InvalidConfig, SyscallFailed, UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "rootfs").mkdir()
    hooks = {kind: [{"path": f"/{kind}/1"}, {"path": f"/{kind}/2"}] for kind in config.HOOKS}
    document = {"ociVersion": config.NEWEST_VERSION, **base(), "hooks": hooks}
    (tmp_path / "config.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


def test_printed_json_is_the_plan(bundle: Path) -> None:
    expected = plan.build(config.load(str(bundle), "ID")[0], host.detect())
    assert json.loads(printing.plan_of(str(bundle), "json")) == [step.document() for step in expected]


def test_printed_text_has_a_line_for_each_step_and_undo(bundle: Path) -> None:
    steps = plan.build(config.load(str(bundle), "ID")[0], host.detect())
    lines = printing.plan_of(str(bundle), "text").splitlines()
    undo = [step.undo for step in steps if step.undo]
    assert len(lines) == len(steps) + len(undo)
    assert [line.partition("undo: ")[2].split()[0] for line in lines if "undo: " in line] == undo[::-1]
    words = [line.split()[:4] for line in lines if "undo: " not in line]
    assert words == [[step.when, step.where, step.action, step.why] for step in steps]
    # What was made for the container is undone before the poststop hooks are called.
    assert [line.split()[2] for line in lines[-2:]] == ["hooks.run", "hooks.run"]


@pytest.mark.parametrize("value", ["a\nb", "\x1b[31m", "\ud800", "ü"])
def test_printed_text_is_one_line_for_each_step_whatever_is_in_it(bundle: Path, value: str) -> None:
    lines = len(printing.plan_of(str(bundle), "text").splitlines())
    content = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    content["hostname"] = value
    (bundle / "config.json").write_text(json.dumps(content), encoding="utf-8")
    printed = printing.plan_of(str(bundle), "text")
    assert len(printed.splitlines()) == lines
    assert printed.replace("\n", "").isprintable()


def test_printing_refuses_what_create_would_refuse(bundle: Path) -> None:
    (bundle / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidConfig):
        printing.plan_of(str(bundle), "text")


def test_printing_knows_two_forms(bundle: Path) -> None:
    with pytest.raises(UsageError):
        printing.plan_of(str(bundle), "yaml")


def test_printing_of_no_bundle_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(SyscallFailed) as caught:
        printing.plan_of(str(tmp_path), "text")
    assert str(tmp_path / "config.json") in str(caught.value)
