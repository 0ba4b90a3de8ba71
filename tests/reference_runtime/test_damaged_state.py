"""Files of the state directory that are damaged: each is named, by everything that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reference_runtime import documents
from reference_runtime.errors import DamagedState, NoSuchContainer
from reference_runtime.state import StateDirectory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime

NO_OBJECT = {
    "empty": b"",
    "cut off": b'{"ociVersion": "1.3',
    "binary": b"\xff\x00",
    "array": b"[]",
    "text": b'"one"',
    "null": b"null",
}
NO_STATE = {
    **NO_OBJECT,
    "no members": b"{}",
    "pid that is a text": documents.encode(
        {
            "ociVersion": "1.3.0",
            "id": "one",
            "pid": "1",
            "bundle": "/b",
            "annotations": {},
            "creating": False,
            "started": 1,
        }
    ).encode(),
}
NO_PLAN = {
    **{name: content for name, content in NO_OBJECT.items() if name != "array"},
    "object": b"{}",
    "no steps": b"[1]",
    "steps without members": b"[{}]",
    "steps of other members": b'[{"action": "a", "arguments": []}]',
}
NO_JOURNAL = {"array": b"[]\n", "text": b'"one"\n', "no members": b"{}\n"}


READERS: dict[str, Callable[[StateDirectory], Any]] = {
    "state.json": StateDirectory.report,
    "config.json": StateDirectory.config,
    "plan": StateDirectory.kept,
    "journal": StateDirectory.journaled,
}
DAMAGES = [
    (file, content, name)
    for file, contents in (
        ("state.json", NO_STATE),
        ("config.json", NO_OBJECT),
        ("plan", NO_PLAN),
        ("journal", NO_JOURNAL),
    )
    for name, content in contents.items()
]


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    one = StateDirectory(str(tmp_path / "root"), "one")
    one.make()
    return one


@pytest.mark.parametrize(
    ("file", "content"), [pytest.param(file, content, id=f"{file}-{name}") for file, content, name in DAMAGES]
)
def test_damage_is_named(state: StateDirectory, file: str, content: bytes) -> None:
    with open(state.file(file), "wb") as damaged:
        damaged.write(content)
    with pytest.raises(DamagedState) as caught:
        READERS[file](state)
    assert (caught.value.identifier, caught.value.file) == ("one", file)
    assert str(caught.value).startswith(f"container one: {file} is damaged: ")


@pytest.mark.parametrize("file", ["state.json", "config.json", "plan"])
def test_missing_file_is_damage(state: StateDirectory, file: str) -> None:
    with pytest.raises(DamagedState) as caught:
        READERS[file](state)
    assert caught.value.file == file
    assert "ENOENT" in caught.value.problem


@pytest.mark.parametrize("file", ["state.json", "config.json", "plan"])
def test_missing_directory_is_no_container(state: StateDirectory, file: str) -> None:
    state.remove()
    with pytest.raises(NoSuchContainer):
        READERS[file](state)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("file", ["state.json", "config.json", "plan", "journal"])
@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}\n', "1"])
def test_damage_is_one_clear_error_of_every_operation(runtime: Runtime, file: str, content: str) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    path = runtime.state_directory / file
    good = path.read_bytes()
    path.write_text(content, encoding="ascii")
    try:
        for operation in ("state", "start", "kill", "delete"):
            done = runtime(operation, runtime.identifier)
            assert "Traceback" not in done.stderr
            assert done.stderr.count("\n") == (done.returncode != 0)
            if file == "state.json":
                assert f"container {runtime.identifier}: state.json is damaged: " in done.stderr
    finally:
        path.write_bytes(good)
