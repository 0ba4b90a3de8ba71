"""Network devices: their steps, and what the kernel is told of them, compared with another library's view."""

from __future__ import annotations

import errno
import os
import struct
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge
from conformance.host.namespaces import private
from reference_runtime import host, plan
from reference_runtime.config import NEWEST_VERSION, Config
from reference_runtime.errors import SyscallFailed
from reference_runtime.netlink import Address, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

INET, PERMANENT, TENTATIVE, NO_DETECTION = 2, 0x80, 0x40, 0x02
UNIVERSE, LINK = 0, 253


def test_steps_are_for_each_device() -> None:
    linux = {"netDevices": {"eth0": {"name": "inside"}, "eth1": {}}}
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": linux})
    built = plan.build(Config(document, "/bundle", "one"), host.Host([]))
    found = [(s.action, s.arguments) for s in built if s.action.startswith("network.")]
    assert found == [
        ("network.move", {"name": "eth0", "new_name": "inside"}),
        ("network.add_addresses", {"name": "eth0"}),
        ("network.set_up", {"name": "eth0"}),
        ("network.move", {"name": "eth1", "new_name": "eth1"}),
        ("network.add_addresses", {"name": "eth1"}),
        ("network.set_up", {"name": "eth1"}),
    ]


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def address(flags: int, scope: int = UNIVERSE, *attributes: bytes) -> Address:
    return Address(struct.pack("=BBBBI", INET, 24, flags & 0xFF, scope, 5) + b"".join(attributes))


@pytest.mark.parametrize(
    ("flags", "scope", "stays"),
    [(PERMANENT, UNIVERSE, True), (0, UNIVERSE, False), (PERMANENT, LINK, False)],
)
def test_address_stays_if_it_is_permanent_and_global(flags: int, scope: int, stays: bool) -> None:
    assert address(flags, scope).stays == stays


def test_request_has_what_can_be_asked_for() -> None:
    flags = struct.pack("=I", PERMANENT | TENTATIVE | NO_DETECTION | 0x200)
    known = [attribute(1, b"\xc0\0\2\7"), attribute(3, b"eth0:label\0"), attribute(6, bytes(16)), attribute(8, flags)]
    header = struct.pack("=BBBBI", INET, 24, 0, UNIVERSE, 9)
    expected = header + attribute(1, b"\xc0\0\2\7") + attribute(8, struct.pack("=I", NO_DETECTION | 0x200))
    assert address(PERMANENT, UNIVERSE, *known).of(9) == expected


@pytest.fixture
def network() -> Iterator[Any]:
    """What another library says of a network namespace with one pair of devices."""
    from pyroute2 import IPRoute

    if os.geteuid() != 0:
        pytest.skip("needs root: it makes network devices")
    with private("net"), IPRoute() as kernel:
        kernel.link("add", ifname="one0", kind="veth", peer="other0")
        yield kernel


def test_links_are_those_that_there_are(network: Any) -> None:
    network.link("set", ifname="one0", state="up")
    expected = {(link["index"], link.get("ifname"), bool(link["flags"] & 1)) for link in network.get_links()}
    with Connection() as own:
        assert {(link.index, link.name, link.up) for link in own.links()} == expected
        assert own.link("one0").up
        with pytest.raises(SyscallFailed) as caught:
            own.link("missing0")
    assert caught.value.errno == errno.ENODEV


def test_address_can_be_given_to_another_device(network: Any) -> None:
    (one,), (other,) = (network.link_lookup(ifname=name) for name in ("one0", "other0"))
    network.addr("add", index=one, address="192.0.2.7/24", broadcast="192.0.2.200", label="one0:label")
    network.addr("add", index=one, address="2001:db8::7/64")
    with Connection() as own:
        for found in own.addresses(own.link("one0")):
            assert found.stays
            own.add_address(own.link("other0"), found)
    seen = {a.get("address"): (a["prefixlen"], a.get("broadcast")) for a in network.get_addr(index=other)}
    assert seen == {"192.0.2.7": (24, "192.0.2.200"), "2001:db8::7": (64, None)}


def test_what_the_kernel_refuses_is_an_error_with_its_number(network: Any) -> None:
    network.link("add", ifname="bridge0", kind="bridge")
    with private("net"):
        namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
    with Connection() as own, pytest.raises(SyscallFailed, match="RTM_NEWLINK of bridge0: EINVAL"):
        own.move(own.link("bridge0"), namespace, "bridge0")
    os.close(namespace)
