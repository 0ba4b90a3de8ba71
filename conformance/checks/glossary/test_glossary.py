"""What the words of the glossary say that nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance import requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import attempting

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("glossary.runtime")
def test_process_is_launched_in_the_container_of_the_bundle_that_is_named(container: MakeContainer) -> None:
    program = attempting(["read", "/which"])
    one, other = (container(files={"/which": name}, program=program) for name in ("one", "other"))
    one.create(cwd=str(other.bundle.path)).start()
    assert one.attempts()[0].content == "one"


@requirement("glossary.runtime_namespace")
def test_source_of_a_mount_is_found_in_the_namespace_of_the_runtime(container: MakeContainer) -> None:
    one = container(program=attempting(["list", "/bound"]))
    source = one.directory / "source"
    (source / "of-the-runtime").mkdir(parents=True)
    one.inside(f"{source}/of-the-container").mkdir(parents=True)
    one.configure(mounts=mounts_with({"destination": "/bound", "source": str(source), "options": ["bind"]}))
    assert one.attempts()[0].names == ["of-the-runtime"]
