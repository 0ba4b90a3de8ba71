"""IntelRdt."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import holding
from conformance.container import STOPPED
from conformance.host.resctrl import Resctrl, mount_point
from conformance.runtime.caller import without_mount
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.session import Session


@pytest.fixture
def resctrl(conformance_session: Session) -> Iterator[Resctrl]:
    """The host's resctrl. The groups of this worker are removed at the end, after the containers."""
    found = Resctrl(Path(mount_point() or ""))
    yield found
    found.remove(f"{conformance_session.name}-{conformance_session.worker}-")


def made(container: MakeContainer, **settings: Any) -> Container:
    """A container with these settings of `intelRdt`, not created yet."""
    return container(program=holding(), linux={"intelRdt": settings})


def class_of(one: Container) -> str:
    """A value for `closID` that is the container's own, and not its name."""
    return f"{one.identifier}-class"


def created(one: Container) -> Container:
    """Create it, unless the runtime refuses what it need not support."""
    return one.create_supporting(f"the intelRdt {one.config['linux']['intelRdt']}")


def ended(one: Container) -> Container:
    """Create it, and run it to its end."""
    created(one).start().wait_until_ready()
    return one.kill_process().wait_for_status(STOPPED)


def demand_member(resctrl: Resctrl, one: Container, group: str) -> None:
    """The container process is in a group."""
    assert resctrl.exists(group), f"there is no {group}"
    assert one.pid in resctrl.tasks(group), f"the container process is not in {group}"


def demand_in_force(resctrl: Resctrl, group: str, *schemas: str) -> None:
    """Schemas are in force in a group."""
    assert resctrl.exists(group), f"there is no {group}"
    found = resctrl.schemas(group)
    for schema in schemas:
        resource, _, domains = schema.partition(":")
        values = {domain: int(value, 10 if resource == "MB" else 16) for domain, value in _pairs(domains)}
        assert found[resource] == values, f"{resource} in {group} is {found[resource]}, and not {schema}"


def _pairs(domains: str) -> Iterator[tuple[str, str]]:
    for entry in domains.split(";"):
        domain, _, value = entry.partition("=")
        yield domain, value


def demand_refusal(one: Container, why: str) -> None:
    """The container cannot be created."""
    if one.attempt_create().ok:
        raise Finding(f"`create` is refused, for {why}", "it exited with status 0")


# Which directory


@requirement(
    "config_linux.intel_rdt.tasks",
    "config_linux.intel_rdt.clos_id",
    "config_linux.intel_rdt.clos_id.looked_for",
    "config_linux.intel_rdt.clos_id.assigned",
)
@needs("resctrl")
def test_process_is_in_the_directory_that_was_there(resctrl: Resctrl, container: MakeContainer) -> None:
    one = made(container)
    group = resctrl.make(class_of(one))
    one.configure(linux={"intelRdt": {"closID": group}})
    demand_member(resctrl, created(one), group)


@requirement("config_linux.intel_rdt.clos_id.root")
@needs("resctrl")
def test_process_is_in_the_root(resctrl: Resctrl, container: MakeContainer) -> None:
    """It is not where its caller is."""
    one = made(container, closID="/")
    with resctrl.caller_in(resctrl.make(class_of(one))):
        created(one)
    demand_member(resctrl, one, "/")


@requirement("config_linux.intel_rdt.container_id")
@needs("resctrl")
def test_directory_has_the_name_of_the_container(resctrl: Resctrl, container: MakeContainer) -> None:
    one = created(made(container))
    demand_member(resctrl, one, one.identifier)


@requirement("config_linux.intel_rdt.clos_id.created")
@needs("resctrl.l3")
def test_missing_directory_is_made_for_a_schema(resctrl: Resctrl, container: MakeContainer) -> None:
    one = made(container, l3CacheSchema=resctrl.schema("L3", 1))
    one.configure(linux={"intelRdt": {"closID": class_of(one)}})
    demand_member(resctrl, created(one), class_of(one))


@requirement("config_linux.intel_rdt.clos_id.missing")
@needs("resctrl")
def test_missing_directory_is_an_error_without_a_schema(resctrl: Resctrl, container: MakeContainer) -> None:
    one = made(container)
    one.configure(linux={"intelRdt": {"closID": class_of(one)}})
    demand_refusal(one, "there is no such directory")
    assert not resctrl.exists(class_of(one))


# Schemas


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        pytest.param(
            *("l3CacheSchema", "L3"),
            marks=[
                requirement("config_linux.intel_rdt.l3_cache_schema", "config_linux.intel_rdt.one_schema.written"),
                needs("resctrl.l3"),
            ],
        ),
        pytest.param(
            *("memBwSchema", "MB"),
            marks=[
                requirement("config_linux.intel_rdt.mem_bw_schema", "config_linux.intel_rdt.one_schema.written"),
                needs("resctrl.mb"),
            ],
        ),
        pytest.param(
            *("schemata", "L3"),
            marks=[
                requirement("config_linux.intel_rdt.schemata", "config_linux.intel_rdt.schemata.written"),
                needs("resctrl.l3"),
            ],
        ),
    ],
)
def test_schema_is_written(resctrl: Resctrl, container: MakeContainer, name: str, resource: str) -> None:
    schema = resctrl.schema(resource, 1)
    one = created(made(container, **{name: [schema] if name == "schemata" else schema}))
    demand_in_force(resctrl, one.identifier, schema)


@requirement("config_linux.intel_rdt.both_schemas.written")
@needs("resctrl.l3", "resctrl.mb")
def test_both_schemas_are_written(resctrl: Resctrl, container: MakeContainer) -> None:
    caches, bandwidth = resctrl.schema("L3", 1), resctrl.schema("MB", 1)
    one = created(made(container, l3CacheSchema=caches, memBwSchema=bandwidth))
    demand_in_force(resctrl, one.identifier, caches, bandwidth)


@needs("resctrl.l3", "resctrl.mb")
@pytest.mark.parametrize(
    "_",
    [
        pytest.param("filtered", marks=requirement("config_linux.intel_rdt.both_schemas.combined")),
        pytest.param("overwritten", marks=requirement("config_linux.intel_rdt.both_schemas.order")),
    ],
)
def test_bandwidth_in_the_schema_of_the_caches_does_not_count(
    resctrl: Resctrl, container: MakeContainer, _: str
) -> None:
    caches, bandwidth = resctrl.schema("L3", 1), resctrl.schema("MB", 1)
    both = f"{caches}\n{resctrl.schema('MB', 2)}"
    # A runtime may refuse the newline.
    one = created(made(container, l3CacheSchema=both, memBwSchema=bandwidth))
    demand_in_force(resctrl, one.identifier, caches, bandwidth)


@requirement("config_linux.intel_rdt.schemata.last")
@needs("resctrl.l3", "resctrl.mb")
def test_schemata_are_written_last(resctrl: Resctrl, container: MakeContainer) -> None:
    last = [resctrl.schema(resource, 2) for resource in ("L3", "MB")]
    first = {"l3CacheSchema": resctrl.schema("L3", 1), "memBwSchema": resctrl.schema("MB", 1)}
    one = created(made(container, **first, schemata=last))
    demand_in_force(resctrl, one.identifier, *last)


@requirement("config_linux.intel_rdt.no_schema")
@needs("resctrl.l3")
def test_nothing_is_written_without_a_schema(resctrl: Resctrl, container: MakeContainer) -> None:
    one = made(container)
    group = resctrl.make(class_of(one))
    resctrl.write(group, resctrl.schema("L3", 1))
    before = resctrl.schemas("/"), resctrl.schemas(group)
    one.configure(linux={"intelRdt": {"closID": group}})
    created(one)
    assert (resctrl.schemas("/"), resctrl.schemas(group)) == before


@requirement("config_linux.intel_rdt.clos_id.compared")
@needs("resctrl.l3")
@pytest.mark.parametrize("wanted", [1, 2], ids=["the same", "another"])
def test_schema_is_compared_with_that_of_the_directory(resctrl: Resctrl, container: MakeContainer, wanted: int) -> None:
    there = resctrl.schema("L3", 1)
    one = made(container, l3CacheSchema=resctrl.schema("L3", wanted))
    group = resctrl.make(class_of(one))
    resctrl.write(group, there)
    one.configure(linux={"intelRdt": {"closID": group}})
    if wanted == 1:
        demand_member(resctrl, created(one), group)
    else:
        demand_refusal(one, "the directory has another schema")
        demand_in_force(resctrl, group, there)


@needs("resctrl.mb")
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"closID": "above/below"}, marks=requirement("config_linux.intel_rdt.clos_id"), id="name"),
        pytest.param(
            {"memBwSchema": "L3:0=1"}, marks=requirement("config_linux.intel_rdt.mem_bw_schema.prefix"), id="prefix"
        ),
        pytest.param(
            {"memBwSchema": "{MB}\n{MB}"},
            marks=requirement("config_linux.intel_rdt.mem_bw_schema.newlines"),
            id="two lines",
        ),
        pytest.param(
            {"schemata": ["{MB}\n{MB}"]}, marks=requirement("config_linux.intel_rdt.schemata.newlines"), id="schemata"
        ),
    ],
)
def test_invalid_value_is_refused(resctrl: Resctrl, container: MakeContainer, settings: dict[str, Any]) -> None:
    schema = resctrl.schema("MB", 1)
    filled = {
        name: [entry.format(MB=schema) for entry in value] if isinstance(value, list) else value.format(MB=schema)
        for name, value in settings.items()
    }
    demand_refusal(made(container, **filled), f"{filled} is invalid")


# The end


@requirement("config_linux.intel_rdt.directory.removed")
@needs("resctrl")
def test_directory_of_the_container_is_removed(resctrl: Resctrl, container: MakeContainer) -> None:
    one = ended(made(container))
    assert resctrl.exists(one.identifier), f"there is no {one.identifier} that could be removed"
    one.delete()
    assert not resctrl.exists(one.identifier), f"{one.identifier} is still there"


@requirement("config_linux.intel_rdt.directory.left")
@needs("resctrl.l3")
@pytest.mark.parametrize("case", ["closID that was there", "closID that was made", "name that was there"])
def test_other_directories_are_left(resctrl: Resctrl, container: MakeContainer, case: str) -> None:
    one = made(container)
    group = class_of(one) if case.startswith("closID") else one.identifier
    if case.endswith("was there"):
        resctrl.make(group)
    else:
        one.configure(linux={"intelRdt": {"l3CacheSchema": resctrl.schema("L3", 1)}})
    if case.startswith("closID"):
        one.configure(linux={"intelRdt": {"closID": group}})
    ended(one).delete()
    assert resctrl.exists(group), f"{group} is gone"


# Monitoring


@requirement(
    "config_linux.intel_rdt.enable_monitoring",
    "config_linux.intel_rdt.monitoring.group",
    "config_linux.intel_rdt.monitoring.name",
)
@needs("resctrl.monitoring")
@pytest.mark.parametrize("with_class", [True, False], ids=["closID", "no closID"])
def test_container_has_a_monitoring_group(resctrl: Resctrl, container: MakeContainer, with_class: bool) -> None:
    one = made(container, enableMonitoring=True)
    above = one.identifier
    if with_class:
        above = resctrl.make(class_of(one))
        one.configure(linux={"intelRdt": {"closID": above}})
    demand_member(resctrl, created(one), f"{above}/mon_groups/{one.identifier}")


@requirement("config_linux.intel_rdt.monitoring.removed")
@needs("resctrl.monitoring")
def test_monitoring_group_is_removed(resctrl: Resctrl, container: MakeContainer) -> None:
    one = made(container, enableMonitoring=True)
    above = resctrl.make(class_of(one))
    one.configure(linux={"intelRdt": {"closID": above}})
    ended(one)
    group = f"{above}/mon_groups/{one.identifier}"
    assert resctrl.exists(group), f"there is no {group} that could be removed"
    one.delete()
    assert not resctrl.exists(group), f"{group} is still there"


@requirement("config_linux.intel_rdt.monitoring.error")
@needs("resctrl.monitoring")
def test_monitoring_group_that_cannot_be_made_is_an_error(resctrl: Resctrl, container: MakeContainer) -> None:
    one = made(container, enableMonitoring=True)
    above = resctrl.make(class_of(one))
    one.configure(linux={"intelRdt": {"closID": above}})
    use_up(resctrl, f"{above}/mon_groups/{one.identifier}-")
    demand_refusal(one, "there can be no more monitoring groups")


def use_up(resctrl: Resctrl, prefix: str) -> None:
    """Make groups until there can be no more."""
    number = 0
    while True:
        try:
            resctrl.make(f"{prefix}{number}")
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return
        number += 1


# Without


@requirement("config_linux.intel_rdt.untouched")
@needs("resctrl")
def test_resctrl_is_not_touched_without_intel_rdt(resctrl: Resctrl, container: MakeContainer) -> None:
    one = container(program=holding())
    group = resctrl.make(class_of(one))
    before = resctrl.schemas("/"), resctrl.schemas(group)
    with resctrl.caller_in(group):
        one.create()
    demand_member(resctrl, one, group)
    assert not resctrl.exists(one.identifier), f"{one.identifier} was made"
    assert (resctrl.schemas("/"), resctrl.schemas(group)) == before


@requirement("config_linux.intel_rdt.no_resctrl")
@pytest.mark.parametrize("settings", [{"l3CacheSchema": "L3:0=1"}, {}], ids=["schema", "empty"])
def test_it_is_an_error_without_a_mounted_resctrl(container: MakeContainer, settings: dict[str, str]) -> None:
    one = made(container, **settings)
    mounted = mount_point()
    if mounted is not None:
        one.runtime = without_mount(one.runtime, mounted)
    demand_refusal(one, "no resctrl is mounted")
