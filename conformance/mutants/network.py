"""Mutants that treat network devices otherwise than they should."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def accept(rule: str) -> None:
    """Do not refuse what a rule of the validator finds."""
    from conformance.validation import rules  # noqa: F401 - it makes the rules known
    from conformance.validation.rule import RULES

    del RULES[rule]


def change_names(change: Callable[[str, str], str]) -> None:
    """Change the name inside, by the names outside and inside."""

    def change_all(steps: list[Any]) -> list[Any]:
        for step in steps:
            if step.action == "network.move":
                step.arguments["new_name"] = change(step.arguments["name"], step.arguments["new_name"])
        return steps

    transform_plan(change_all)


def go_on_after(*numbers: int) -> None:
    """Leave out a network device whose move fails with one of these errors."""
    from reference_runtime import network

    move, others = network.move, {name: getattr(network, name) for name in ("add_addresses", "set_up")}

    def lenient(context: Any, name: str, new_name: str) -> None:
        try:
            move(context, name, new_name)
        except OSError as error:
            if error.errno not in numbers:
                raise

    network.move = lenient
    for name, function in others.items():

        def if_moved(context: Any, name: str, function: Any = function) -> None:
            if name in context.moved:
                function(context, name)

        setattr(network, name, if_moved)


@mutant("config_linux.net_devices.available", "config_linux.net_devices.moved")
def network_devices_are_ignored() -> None:
    """netDevices is ignored."""
    transform_plan(lambda steps: [step for step in steps if not step.action.startswith("network.")])


@mutant("config_linux.net_devices.available")
def first_network_device_is_moved_only() -> None:
    """Of the network devices, only the first is moved."""

    def keep_first(steps: list[Any]) -> list[Any]:
        found = [step for step in steps if step.action.startswith("network.")]
        return [step for step in steps if step not in found or step.place == found[0].place]

    transform_plan(keep_first)


@mutant("config_linux.net_devices.name")
def names_inside_are_ignored() -> None:
    """A network device keeps its name, whatever `name` says."""
    change_names(lambda outside, inside: outside)


@mutant("config_linux.net_devices.name.default")
def network_devices_are_numbered() -> None:
    """Without `name`, a network device is called eth and a number."""
    change_names(lambda outside, inside: "eth%d" if inside == outside else inside)


@mutant("config_linux.net_devices.name.valid")
def invalid_names_are_mended() -> None:
    """A name that no network device can have is changed into one that it can."""
    accept("net_devices.names")
    change_names(lambda outside, inside: inside.replace("/", "-").replace(" ", "-").replace("..", "--")[:15])


@mutant("config_linux.net_devices.movable")
def missing_network_devices_are_ignored() -> None:
    """A network device that does not exist is no error."""
    go_on_after(19)


@mutant("config_linux.net_devices.movable")
def network_devices_that_cannot_leave_stay() -> None:
    """A network device that cannot be moved is no error."""
    accept("net_devices.loopback")
    go_on_after(22)


@mutant("config_linux.net_devices.movable")
def network_devices_need_no_namespace() -> None:
    """Network devices for a container in the network namespace of the runtime are no error."""
    from reference_runtime import network

    accept("net_devices.namespace")
    original = network.plan
    network.plan = lambda config: original(config) if config.namespace("network") else iter(())


@mutant("config_linux.net_devices.name.taken")
def taken_names_are_replaced() -> None:
    """A network device whose name is taken gets another one."""
    from reference_runtime import network

    accept("net_devices.loopback")
    original = network.move

    def move(context: Any, name: str, new_name: str) -> None:
        try:
            original(context, name, new_name)
        except OSError as error:
            if error.errno != 17:
                raise
            original(context, name, "dev%d")

    network.move = move


@mutant("config_linux.net_devices.name.template")
def templates_are_names() -> None:
    """In a template, %d becomes 0."""
    change_names(lambda outside, inside: inside.replace("%d", "0"))


@mutant("config_linux.net_devices.name.template")
def templates_are_refused() -> None:
    """A template is an error."""
    from reference_runtime import network
    from reference_runtime.errors import SyscallFailed

    original = network.move

    def move(context: Any, name: str, new_name: str) -> None:
        if "%" in new_name:
            raise SyscallFailed("netlink RTM_GETLINK", 19, new_name)
        original(context, name, new_name)

    network.move = move


@mutant("config_linux.net_devices.attributes")
def attributes_are_reset() -> None:
    """A network device that was moved has the attributes of a new one."""
    import struct

    from reference_runtime import netlink, network

    original = network.set_up

    def set_up(context: Any, name: str) -> None:
        original(context, name)
        moved = context.moved[name]
        values = {4: struct.pack("=I", 1500), 13: struct.pack("=I", 1000), 1: bytes((2, 0, 0, 0, 0, 1))}
        message = netlink._LINK.pack(0, 0, moved.index, 0, 0)
        message += b"".join(netlink._attribute(kind, value) for kind, value in values.items())
        with network._connection_in(moved.namespace) as inside:
            inside._ask(16, 5, message, name)

    network.set_up = set_up


@mutant("config_linux.net_devices.addresses")
def addresses_are_lost() -> None:
    """A network device that was moved has no addresses."""
    without("network.add_addresses")


@mutant("config_linux.net_devices.addresses")
def first_address_is_kept_only() -> None:
    """Of the addresses of a network device, one is kept."""
    from reference_runtime.netlink import Connection

    original = Connection.addresses
    Connection.addresses = lambda self, link: original(self, link)[:1]  # type: ignore[method-assign]


@mutant("config_linux.net_devices.addresses")
def addresses_are_noted_when_the_device_is_down() -> None:
    """A network device is set down before its addresses are looked at, which loses those of IPv6."""
    from reference_runtime import netlink

    original = netlink.Connection.addresses

    def addresses(self: Any, link: Any) -> Any:
        self._ask(16, 5, netlink._LINK.pack(0, 0, link.index, 0, 1), link.name)
        return original(self, link)

    netlink.Connection.addresses = addresses  # type: ignore[method-assign]


@mutant("config_linux.net_devices.up")
def network_devices_stay_down() -> None:
    """A network device that was moved is not set up."""
    without("network.set_up")


@mutant("config_linux.net_devices.up")
def network_devices_are_up_if_they_were() -> None:
    """A network device that was moved is up if it was up before."""
    from reference_runtime import network

    original = network.set_up

    def set_up(context: Any, name: str) -> None:
        if context.moved[name].link.up:
            original(context, name)

    network.set_up = set_up


@mutant("config_linux.net_devices.unmanaged")
def start_sets_network_devices_up_again() -> None:
    """`start` sets the network devices of the container up, whatever was done to them."""
    import os

    from reference_runtime import lifecycle, network

    original = lifecycle._release

    def release(context: Any) -> None:
        namespace = os.open(f"/proc/{context.pid}/ns/net", os.O_RDONLY)
        with network._connection_in(namespace) as inside:
            for link in inside.links():
                inside.set_up(link)
        os.close(namespace)
        original(context)

    lifecycle._release = release


@mutant("config_linux.net_devices.left")
def delete_takes_network_devices_back() -> None:
    """`delete` moves the network devices back to where they came from."""
    import os

    from reference_runtime import lifecycle, network

    original = lifecycle.destroy

    def destroy(context: Any, undo: Any) -> None:
        path = (context.config.namespace("network") or {}).get("path")
        moved = context.config.linux.get("netDevices")
        if path and moved:
            namespace, own = os.open(path, os.O_RDONLY), os.open("/proc/self/ns/net", os.O_RDONLY)
            with network._connection_in(namespace) as inside:
                for name, device in moved.items():
                    inside.move(inside.link(device.get("name", name)), own, name)
        original(context, undo)

    lifecycle.destroy = destroy


@mutant("runtime.errors.environment_unchanged")
def names_are_looked_at_after_the_move() -> None:
    """That the name of a network device is taken is found out when it is in the container."""
    from reference_runtime import network
    from reference_runtime.errors import SyscallFailed

    accept("net_devices.loopback")
    original = network.move

    def move(context: Any, name: str, new_name: str) -> None:
        if new_name == "lo":
            original(context, name, name)
            raise SyscallFailed("netlink RTM_NEWLINK", 17, new_name)
        original(context, name, new_name)

    network.move = move


@mutant("runtime.errors.environment_unchanged")
def network_devices_are_lost_with_a_container_that_fails() -> None:
    """When `create` fails, the network devices that were moved already do not come back."""
    transform_plan(lambda steps: [_without_undo(step) for step in steps])


def _without_undo(step: Any) -> Any:
    if step.action == "network.move":
        step.undo = None
    return step
