"""JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.config import mounts_with
from conformance.verdict.findings import Advisory
from conformance.verdict.refusal import demand_no_container

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.container import Container
    from conformance.fixtures import MakeContainer


def write(container: Container, content: bytes) -> Container:
    """Write the bytes of config.json."""
    (container.bundle.path / "config.json").write_bytes(content)
    return container


def text_of(container: Container) -> str:
    """The text of config.json."""
    return (container.bundle.path / "config.json").read_text(encoding="utf-8")


def in_order(value: Any, order: Callable[[list[str]], list[str]]) -> Any:
    """A JSON value, the entries of all its objects in another order."""
    if isinstance(value, dict):
        return {name: in_order(value[name], order) for name in order(list(value))}
    return [in_order(entry, order) for entry in value] if isinstance(value, list) else value


@requirement("glossary.json.utf8", "config.values.invalid")
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_config_in_another_encoding_is_refused(container: MakeContainer, encoding: str) -> None:
    one = container(hostname="caf\u00e9")
    demand_no_container(write(one, text_of(one).encode(encoding)))


@requirement("glossary.json.utf8")
def test_characters_of_several_bytes_are_understood(container: MakeContainer) -> None:
    one = container(process={"env": ["PATH=/bin", "WORDS=caf\u00e9 \u4e2d \U0001f40b"]})
    assert "WORDS=caf\u00e9 \u4e2d \U0001f40b" in one.facts().environ


@requirement("glossary.json.unique_names")
@pytest.mark.parametrize("name", ["hostname", "path", "com.example.key"])
def test_name_that_is_there_twice_is_refused(container: MakeContainer, name: str) -> None:
    one = container(annotations={"com.example.key": "value"})
    text = text_of(one)
    entry = f'"{name}": '
    assert text.count(entry) == 1
    value = json.dumps({"hostname": "another", "path": "rootfs", "com.example.key": "another"}[name])
    invocation = write(one, text.replace(entry, f"{entry}{value}, {entry}").encode()).attempt_create()
    # That it is no valid JSON is said of the document; which error that is, of no operation.
    if invocation.ok:
        raise Advisory("`create` is refused", f"it {invocation.outcome}")


@requirement("glossary.json.order")
@pytest.mark.parametrize("order", [sorted, lambda names: names[::-1]], ids=["sorted", "reversed"])
def test_order_of_entries_means_nothing(container: MakeContainer, order: Callable[[list[str]], list[str]]) -> None:
    one = container(
        hostname="a-name",
        process={"cwd": "/srv", "user": {"uid": 7, "gid": 8}},
        mounts=mounts_with({"destination": "/made", "type": "tmpfs", "source": "tmpfs", "options": ["noexec"]}),
    )
    one.replace_config(in_order(one.config, order))
    facts = one.facts()
    made = facts.mount("/made")
    assert (facts.hostname, facts.cwd, facts.uids[0], facts.gids[0]) == ("a-name", "/srv", 7, 8)
    assert (made and made.type) == "tmpfs"
