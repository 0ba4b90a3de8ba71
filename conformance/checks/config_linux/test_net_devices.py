"""Network Devices.

The devices are virtual ones, in a network namespace of the suite's own, which is the runtime's.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_without, namespaces_with, namespaces_without
from conformance.bundle.programs import attempting, holding
from conformance.container import STOPPED
from conformance.facts.features import status
from conformance.host.namespaces import joined, private
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import create_without_effect, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.container import Container
    from conformance.facts.reports import Link
    from conformance.fixtures import MakeContainer

NAME = "outside0"

ADDRESSES = {"ipv4": "192.0.2.7/24", "ipv6": "2001:db8::7/64"}

VALUE = "network devices"

IMPOSSIBLE = {"destination": "/srv", "type": "bind", "source": "/no/such/directory", "options": ["bind"]}

pytestmark = [needs("network.veth"), pytest.mark.usefixtures("network")]


def seen(up: bool, mtu: int, addresses: list[str]) -> dict[str, Any]:
    """What is compared of a device, but for the addresses that the kernel gives it when a peer comes up."""
    return {"up": up, "mtu": mtu, "addresses": sorted(a for a in addresses if not a.startswith("fe80:"))}


class Network:
    """The network devices of the namespace that the thread is in when this is made."""

    def __init__(self) -> None:
        # It takes longer to import than a check takes.
        from pyroute2 import IPRoute

        self._kernel = IPRoute()

    def close(self) -> None:
        """End the connection."""
        self._kernel.close()

    def names(self) -> list[str]:
        """The names of all devices."""
        return [link.get("ifname") for link in self._kernel.get_links()]

    def make(self, name: str, kind: str = "veth") -> None:
        """Make a device; the peer that a veth has is called `peer` and its name."""
        peer = {"peer": f"peer{name}"} if kind == "veth" else {}
        self._kernel.link("add", ifname=name, kind=kind, **peer)

    def change(self, name: str, **attributes: Any) -> None:
        """Change attributes of a device, such as `mtu` and `state`."""
        self._kernel.link("set", index=self._index(name), **attributes)

    def add_address(self, name: str, address: str) -> None:
        """Give a device an address."""
        self._kernel.addr("add", index=self._index(name), address=address)

    def link(self, name: str) -> dict[str, Any] | None:
        """What bears a name, None if there is nothing of that name: its state and its addresses."""
        for link in self._kernel.get_links():
            if link.get("ifname") == name:
                found = self._kernel.get_addr(index=link["index"])
                addresses = [f"{entry.get('address')}/{entry['prefixlen']}" for entry in found]
                return seen(bool(link["flags"] & 1), link.get("mtu"), addresses)
        return None

    def _index(self, name: str) -> int:
        return int(self._kernel.link_lookup(ifname=name)[0])


@pytest.fixture
def network() -> Iterator[Network]:
    """The network devices of the runtime, one of them is `NAME`."""
    with private("net"), contextlib.closing(Network()) as found:
        found.make(NAME)
        yield found


@contextlib.contextmanager
def network_of(container: Container) -> Iterator[Network]:
    """The network devices of the container process."""
    with joined("net", container.pid), contextlib.closing(Network()) as found:
        yield found


def moving(**names: str | None) -> dict[str, Any]:
    """The changes that move devices to a container, each to a name; None keeps the one it has."""
    entries = {outside: {} if inside is None else {"name": inside} for outside, inside in names.items()}
    return {"netDevices": entries}


def link_in(container: MakeContainer, name: str, linux: dict[str, Any]) -> Link:
    """A network device as the program sees it."""
    one = container(program=attempting(["link", name]), linux=linux)
    attempt = one.create_supporting(VALUE).start().attempts()[0]
    assert attempt.ok, str(attempt)
    return attempt.link


def names_in(container: MakeContainer, linux: dict[str, Any]) -> list[str]:
    """The names of the network devices that the program sees."""
    one = container(program=attempting(["links"]), linux=linux)
    return one.create_supporting(VALUE).start().attempts()[0].names or []


def demand_refusal(container: Container) -> None:
    """Demand that `create` is an error, which leaves no container behind."""
    if create_without_effect(container).ok:
        raise Finding("`create` is refused", "it succeeded")


@requirement("config_linux.net_devices.available", "config_linux.net_devices.name.default")
def test_device_is_in_the_container(container: MakeContainer, network: Network) -> None:
    assert NAME in network.names()
    assert sorted(names_in(container, moving(**{NAME: None}))) == ["lo", NAME]


@requirement("config_linux.net_devices.available")
def test_all_devices_are_in_the_container(container: MakeContainer, network: Network) -> None:
    network.make("other0")
    names = {NAME: None, f"peer{NAME}": "peer0", "other0": "renamed0"}
    assert sorted(names_in(container, moving(**names))) == sorted(["lo", NAME, "peer0", "renamed0"])


@requirement("features_linux.net_devices.enabled")
@needs("features")
def test_device_is_moved_only_if_the_features_say_that_it_can_be(container: MakeContainer, network: Network) -> None:
    one = container(linux=moving(**{NAME: None}))
    enabled = status(one.features(), "linux", "netDevices", "enabled")
    is_moved = one.attempt_create().ok and NAME not in network.names()
    assert is_moved == enabled


@requirement("config_linux.net_devices.moved")
def test_device_is_not_outside_any_more(container: MakeContainer, network: Network) -> None:
    container(linux=moving(**{NAME: None})).create_supporting(VALUE)
    assert sorted(network.names()) == ["lo", f"peer{NAME}"]


@requirement("config_linux.net_devices.name")
def test_device_has_its_new_name(container: MakeContainer) -> None:
    assert sorted(names_in(container, moving(**{NAME: "inside0"}))) == ["inside0", "lo"]


@requirement("config_linux.net_devices.name")
def test_name_can_be_the_one_that_another_device_has_outside(container: MakeContainer) -> None:
    assert sorted(names_in(container, moving(**{NAME: f"peer{NAME}"}))) == ["lo", f"peer{NAME}"]


@requirement("config_linux.net_devices.name.valid")
@pytest.mark.parametrize("name", ["with/slash", "sixteen-letters-", "with space", ".."])
def test_name_that_no_device_can_have_is_an_error(container: MakeContainer, name: str) -> None:
    demand_refusal(container(linux=moving(**{NAME: name})))


@requirement("config_linux.net_devices.movable")
def test_device_that_does_not_exist_is_an_error(container: MakeContainer) -> None:
    demand_refusal(container(linux=moving(missing0=None)))


@requirement("config_linux.net_devices.movable")
@pytest.mark.parametrize("name", ["lo", "bridge0"])
def test_device_that_cannot_leave_is_an_error(container: MakeContainer, network: Network, name: str) -> None:
    if name == "bridge0":
        network.make(name, "bridge")
    demand_refusal(container(linux=moving(**{NAME: None, name: "inside0"})))


@requirement("config_linux.net_devices.movable")
def test_container_without_a_namespace_to_move_to_is_an_error(container: MakeContainer) -> None:
    # A sysfs can be mounted by whoever owns the network namespace only.
    namespaces = {"namespaces": namespaces_without("network")}
    demand_refusal(container(linux=namespaces | moving(**{NAME: "inside0"}), mounts=mounts_without("/sys")))


@requirement("config_linux.net_devices.name.taken")
def test_name_of_the_loopback_device_is_an_error(container: MakeContainer) -> None:
    demand_refusal(container(linux=moving(**{NAME: "lo"})))


@pytest.fixture
def owner(container: MakeContainer, network: Network) -> Container:
    """A container whose network namespace others join; it has a device `inside0`."""
    one = container(program=holding()).hold()
    network.make("other0")
    network.change("other0", net_ns_pid=one.pid)
    with network_of(one) as inside:
        inside.change("other0", ifname="inside0")
    return one


def joining(owner: Container, **names: str | None) -> dict[str, Any]:
    """The changes that move devices to a container in the network namespace of another."""
    path = f"/proc/{owner.pid}/ns/net"
    return {"namespaces": namespaces_with({"type": "network", "path": path}), **moving(**names)}


@requirement("config_linux.net_devices.name.taken")
@pytest.mark.parametrize("given", [True, False], ids=["name", "name_outside"])
@needs("process.visible")
def test_name_that_is_taken_is_an_error(
    container: MakeContainer, network: Network, owner: Container, given: bool
) -> None:
    if not given:
        network.make("inside0")
    names = {NAME: "inside0"} if given else {NAME: None, "inside0": None}
    demand_refusal(container(linux=joining(owner, **names)))


def demand_support(container: MakeContainer) -> None:
    """Skip the check if the runtime does not move network devices at all; those that do MUST take a template."""
    container(linux=moving(**{f"peer{NAME}": None})).create_supporting(VALUE)


@requirement("config_linux.net_devices.name.template")
def test_template_becomes_a_name(container: MakeContainer) -> None:
    demand_support(container)
    one = container(program=attempting(["links"]), linux=moving(**{NAME: "inside%d"}))
    assert sorted(one.attempts()[0].names or []) == ["inside0", "lo"]


@requirement("config_linux.net_devices.name.template")
@needs("process.visible")
def test_template_becomes_a_name_that_is_free(container: MakeContainer, network: Network, owner: Container) -> None:
    demand_support(container)
    network.add_address(NAME, ADDRESSES["ipv4"])
    linux = joining(owner, **{NAME: "inside%d"})
    found = container(program=attempting(["links"], ["link", "inside1"]), linux=linux).attempts()
    assert sorted(found[0].names or []) == ["inside0", "inside1", "lo"]
    assert (found[1].link.up, found[1].link.addresses[:1]) == (True, [ADDRESSES["ipv4"]])


@requirement("config_linux.net_devices.attributes")
@pytest.mark.parametrize(
    ("attribute", "value"),
    [("mtu", 1400), ("queue_length", 77), ("hardware_address", "02:00:5e:10:00:07")],
)
def test_device_keeps_its_attribute(
    container: MakeContainer, network: Network, attribute: str, value: int | str
) -> None:
    names = {"mtu": "mtu", "queue_length": "txqlen", "hardware_address": "address"}
    network.change(NAME, **{names[attribute]: value})
    assert getattr(link_in(container, "inside0", moving(**{NAME: "inside0"})), attribute) == value


@requirement("config_linux.net_devices.addresses")
@pytest.mark.parametrize("state", ["up", "down"])
@pytest.mark.parametrize("family", ADDRESSES)
def test_device_keeps_its_address(container: MakeContainer, network: Network, family: str, state: str) -> None:
    # A device that goes down loses its IPv6 addresses, if nobody has noted them before.
    network.change(NAME, state=state)
    network.add_address(NAME, ADDRESSES[family])
    link = link_in(container, "inside0", moving(**{NAME: "inside0"}))
    assert seen(link.up, link.mtu, link.addresses)["addresses"] == [ADDRESSES[family]]


@requirement("config_linux.net_devices.addresses")
def test_device_keeps_all_addresses(container: MakeContainer, network: Network) -> None:
    addresses = [ADDRESSES["ipv4"], "192.0.2.8/24", "198.51.100.7/32"]
    for address in addresses:
        network.add_address(NAME, address)
    link = link_in(container, NAME, moving(**{NAME: None}))
    assert sorted(address for address in link.addresses if ":" not in address) == sorted(addresses)


@requirement("config_linux.net_devices.up")
@pytest.mark.parametrize("state", ["up", "down"])
def test_device_is_up(container: MakeContainer, network: Network, state: str) -> None:
    network.change(NAME, state=state)
    assert link_in(container, NAME, moving(**{NAME: None})).up


@requirement("config_linux.net_devices.unmanaged")
@needs("process.visible")
def test_changes_in_the_container_are_left_alone(container: MakeContainer, network: Network) -> None:
    one = container(program=attempting(["link", NAME]), linux=moving(**{NAME: None}))
    network.add_address(NAME, ADDRESSES["ipv4"])
    one.create_supporting(VALUE)
    with network_of(one) as inside:
        inside.change(NAME, state="down", mtu=1300)
        inside.add_address(NAME, "198.51.100.7/32")
        expected = inside.link(NAME)
    link = one.start().attempts()[0].link
    assert seen(link.up, link.mtu, link.addresses) == expected


@requirement("config_linux.net_devices.left")
@needs("process.visible")
def test_device_stays_in_the_namespace(container: MakeContainer, network: Network, owner: Container) -> None:
    one = container(program=holding(), linux=joining(owner, **{NAME: "moved0"})).create_supporting(VALUE)
    one.start().wait_until_ready().kill_process().wait_for_status(STOPPED).delete()
    with network_of(owner) as inside:
        assert sorted(inside.names()) == ["inside0", "lo", "moved0"]
    assert NAME not in network.names()


@requirement("runtime.errors.environment_unchanged", "config_linux.net_devices.movable")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"linux": moving(**{NAME: "lo"})}, id="name_taken"),
        pytest.param({"linux": moving(**{NAME: None, "missing0": None})}, id="another_device_missing"),
        pytest.param({"linux": moving(**{NAME: "inside0"}), "mounts": [IMPOSSIBLE]}, id="mount_impossible"),
    ],
)
def test_device_is_as_it_was_when_create_fails(
    container: MakeContainer, network: Network, changes: dict[str, Any]
) -> None:
    network.change(NAME, state="up")
    network.add_address(NAME, ADDRESSES["ipv4"])
    before = network.link(NAME)
    invocation = container(**changes).attempt_create()
    assert not invocation.ok
    if network.link(NAME) != before:
        found = network.link(NAME) or f"gone; what is left is {network.names()}"
        raise Finding(f"the network device is as it was: {before}", told(invocation, [f"it is {found}"]))
