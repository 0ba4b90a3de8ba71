"""Mutants that give a container other devices than it should have, or let it use others."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from reference_runtime.steps import Step

    Rule = dict[str, Any]


def change_configured(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change the arguments of the steps that make configured devices."""

    def change_all(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "devices.make" and step.place.startswith("$.linux.devices"):
                step.arguments.update(change(step.arguments))
        return steps

    transform_plan(change_all)


def change_rules(change: Callable[[Rule], Rule]) -> None:
    """Change what is made of each entry of the allowed device list."""
    from reference_runtime.cgroups import devices

    original = devices._of_entry
    devices._of_entry = lambda entry: {**original(entry), **change(entry)}


@mutant("config_linux.devices.available", "config_linux.devices.major_minor")
def configured_devices_are_ignored() -> None:
    """devices is ignored."""
    transform_plan(lambda steps: [step for step in steps if not step.place.startswith("$.linux.devices")])


@mutant("config_linux.devices.available")
def first_device_is_made_only() -> None:
    """Of the configured devices, only the first is made."""

    def keep_first(steps: list[Step]) -> list[Step]:
        found = [step for step in steps if step.place.startswith("$.linux.devices")]
        return [step for step in steps if step not in found[1:]]

    transform_plan(keep_first)


@mutant("config_linux.devices.available")
def unbuffered_devices_are_block_devices() -> None:
    """A device of type u is a block device."""
    change_configured(lambda device: {"type_": "b" if device["type_"] == "u" else device["type_"]})


@mutant("config_linux.devices.path.full", "config_linux.devices.path.anywhere")
def devices_are_directly_in_dev() -> None:
    """Of the path of a device, only the last name counts."""
    change_configured(lambda device: {"path": "/dev/" + device["path"].rpartition("/")[2]})


@mutant("config_linux.devices.path.anywhere")
def devices_are_below_dev() -> None:
    """A device whose path is outside of /dev is not made."""
    transform_plan(
        lambda steps: [
            step for step in steps if step.action != "devices.make" or step.arguments["path"].startswith("/dev/")
        ]
    )


@mutant("config_linux.devices.path.occupied")
def what_is_at_the_path_is_taken_for_the_device() -> None:
    """Something else at the path of a device stays there."""
    from reference_runtime import devices

    devices._require_same = lambda found, type_, number, path: None


@mutant("config_linux.devices.path.occupied")
def devices_are_made_once() -> None:
    """A device that is there already is an error."""
    from reference_runtime import devices
    from reference_runtime.errors import SyscallFailed

    def refuse(found: Any, type_: str, number: int, path: str) -> None:
        raise SyscallFailed("mknod", 17, path)

    devices._require_same = refuse


@mutant("config_linux.devices.major_minor")
def minor_numbers_are_cut_off() -> None:
    """Of the minor number of a device, the lowest eight bits count."""
    change_configured(lambda device: {"minor": device["minor"] & 0xFF})


@mutant("config_linux.devices.file_mode")
def modes_of_devices_are_ignored() -> None:
    """fileMode is ignored."""
    change_configured(lambda device: {"mode": None})


@mutant("config_linux.devices.file_mode")
def umask_takes_from_the_modes_of_devices() -> None:
    """The umask of the caller takes from fileMode."""
    import os

    mask = os.umask(0)
    os.umask(mask)
    change_configured(lambda device: {"mode": (device["mode"] or 0o666) & ~mask})


@mutant("config_linux.devices.file_mode.decimal")
def modes_of_devices_are_octal() -> None:
    """The digits of fileMode are read as octal ones."""

    def read(device: dict[str, Any]) -> dict[str, Any]:
        digits = str(device["mode"])
        return {"mode": int(digits, 8) if set(digits) <= set("01234567") else device["mode"]}

    change_configured(read)


@mutant("config_linux.devices.uid", "config_linux.devices.gid")
def devices_belong_to_root() -> None:
    """uid and gid of devices are ignored."""
    change_configured(lambda device: {"uid": None, "gid": None})


@mutant("config_linux.devices.uid", "config_linux.devices.gid")
def owners_of_devices_are_those_of_the_host() -> None:
    """uid and gid of devices are not those of the user namespace."""
    from reference_runtime import devices

    devices._outside = lambda context, kind, number: number


@mutant("config_linux.devices.access", "config_linux.resources.devices.allow")
def devices_are_not_restricted() -> None:
    """A container may use every device."""
    without("cgroups.devices.set_v1")
    without("cgroups.devices.set_v2")


@mutant("config_linux.devices.access")
def devices_are_restricted_if_that_is_configured() -> None:
    """Without an allowed device list, a container may use every device."""
    from reference_runtime.cgroups import devices

    original = devices.rules
    devices.rules = lambda config: original(config) if devices.configured(config) else [devices._rule()]


@mutant("config_linux.resources.devices.optional")
def list_of_allowed_devices_is_demanded() -> None:
    """resources without an allowed device list are an error."""
    from reference_runtime.cgroups import devices

    def demand(config: Any) -> list[Rule]:
        resources = config.linux.get("resources")
        return [] if resources is None else list(resources["devices"])

    devices.configured = demand


@mutant("config_linux.resources.devices.order")
def allowed_device_list_is_reversed() -> None:
    """The entries of the allowed device list are applied from the last one to the first."""
    from reference_runtime.cgroups import devices

    original = devices.configured
    devices.configured = lambda config: original(config)[::-1]


@mutant("config_linux.resources.devices.order")
def denials_come_first() -> None:
    """Entries that deny are applied before those that allow."""
    from reference_runtime.cgroups import devices

    original = devices.configured
    devices.configured = lambda config: sorted(original(config), key=lambda entry: bool(entry["allow"]))


@mutant("config_linux.resources.devices.order")
def allowed_device_list_is_left_to_cgroup_v1() -> None:
    """The entries are written as they come, though cgroup v1 takes a narrower one for a wider one it does not have."""
    from reference_runtime.cgroups import devices

    def written(rules: list[Rule]) -> Any:
        for rule in rules:
            whole = rule["type"] == "a" and rule["access"] == devices.ALL
            for type_ in "a" if whole else "cb" if rule["type"] == "a" else rule["type"]:
                numbers = ":".join("*" if rule[name] is None else str(rule[name]) for name in ("major", "minor"))
                value = "a" if whole else f"{type_} {numbers} {rule['access']}"
                yield ["devices.allow" if rule["allow"] else "devices.deny", value]

    devices.settings_v1 = written  # type: ignore[assignment]


@mutant("config_linux.resources.devices.allow")
def denials_are_ignored() -> None:
    """Entries of the allowed device list that deny are ignored."""
    from reference_runtime.cgroups import devices

    original = devices.configured
    devices.configured = lambda config: [entry for entry in original(config) if entry["allow"]]


@mutant("config_linux.resources.devices.allow", "config_linux.resources.devices.access")
def allowances_are_ignored() -> None:
    """Entries of the allowed device list that allow are ignored."""
    from reference_runtime.cgroups import devices

    original = devices.configured
    devices.configured = lambda config: [entry for entry in original(config) if not entry["allow"]]


@mutant("config_linux.resources.devices.type")
def entries_are_about_both_types() -> None:
    """The type of an entry of the allowed device list is ignored."""
    change_rules(lambda entry: {"type": "a"})


@mutant("config_linux.resources.devices.type", "config_linux.resources.devices.type.default")
def entries_about_all_are_about_character_devices() -> None:
    """An entry of the allowed device list for all types is about character devices."""
    change_rules(lambda entry: {"type": "c"} if entry.get("type", "a") == "a" else {})


@mutant("config_linux.resources.devices.numbers")
def minor_numbers_of_entries_are_ignored() -> None:
    """An entry of the allowed device list is about all devices of its major number."""
    change_rules(lambda entry: {"minor": None})


@mutant("config_linux.resources.devices.numbers")
def major_numbers_of_entries_are_ignored() -> None:
    """An entry of the allowed device list is about all devices of its minor number."""
    change_rules(lambda entry: {"major": None})


@mutant("config_linux.resources.devices.numbers.default")
def numbers_are_0_by_default() -> None:
    """An entry of the allowed device list without a minor number is about the device 0."""
    change_rules(lambda entry: {"minor": entry.get("minor", 0)} if "type" in entry else {})


@mutant("config_linux.resources.devices.numbers.default")
def major_number_is_0_by_default() -> None:
    """An entry of the allowed device list without a major number is about the major number 0."""
    change_rules(lambda entry: {"major": entry.get("major", 0)} if "type" in entry else {})


@mutant("config_linux.resources.devices.access")
def entries_are_about_every_access() -> None:
    """The access of an entry of the allowed device list is ignored."""
    change_rules(lambda entry: {"access": "rwm"})


@mutant("config_linux.resources.devices.access")
def reading_and_writing_are_one() -> None:
    """Who may read a device may write it, and the other way round."""
    change_rules(lambda entry: {"access": "rw" + "m" * ("m" in entry["access"])} if entry["access"] != "m" else {})


@mutant("config_linux.resources.devices.access")
def nodes_can_always_be_made() -> None:
    """Every device node can be made, whatever the allowed device list says."""
    from reference_runtime.cgroups import devices

    original = devices.rules
    devices.rules = lambda config: [*original(config), devices._rule(type_="a", access="m")]
