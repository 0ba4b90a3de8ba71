"""Network devices of the runtime's namespace that become the container's (config-linux.md, Network Devices).

They come back only if the container could not be created. What becomes of them at its end is the kernel's business:
when a network namespace goes, physical devices return to the initial one, and virtual ones are destroyed.
"""

from __future__ import annotations

import errno
import os

from reference_runtime import syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.namespaces import FLAGS
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.netlink import Address, Connection, Link


_OWN = "/proc/self/ns/net"


class Moved:
    """A network device that is in the container: its `index` there, and a descriptor of the `namespace`, which the
    container process may have left to nobody by the time that something fails; and what it was like before.
    """

    def __init__(self, index: int, namespace: int, link: Link, addresses: list[Address]) -> None:
        self.index = index
        self.namespace = namespace
        self.link = link
        self.addresses = addresses


def plan(config: Config) -> Iterator[Step]:
    """Move the devices, give them their addresses again, and set them up."""
    for name, device in (config.linux.get("netDevices") or {}).items():
        place = f"$.linux.netDevices['{name}']"
        requirements = "config_linux.net_devices"
        moving = {"where": RUNTIME, "undo": "network.take_back"}
        new_name = device.get("name", name)
        yield Step("network.move", f"{requirements}.moved", place, **moving, name=name, new_name=new_name)
        yield Step("network.add_addresses", f"{requirements}.addresses", place, where=RUNTIME, name=name)
        yield Step("network.set_up", f"{requirements}.up", place, where=RUNTIME, name=name)


def move(context: Context, name: str, new_name: str) -> None:
    """Move a device and name it; with a `%d` in the new name, the kernel finds one that is free."""
    from reference_runtime.netlink import Connection

    namespace = call(os.open, f"/proc/{context.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    with Connection() as outside, _connection_in(namespace) as inside:
        link = outside.link(name)
        addresses = outside.addresses(link)
        before = inside.links()
        # The kernel moves first and renames then; by the time it finds the name taken, the device is gone.
        if any(other.name == new_name for other in before):
            raise SyscallFailed("netlink RTM_NEWLINK", errno.EEXIST, new_name)
        outside.move(link, namespace, new_name)
        (index,) = {found.index for found in inside.links()} - {found.index for found in before}
    context.moved[name] = Moved(index, namespace, link, addresses)


def add_addresses(context: Context, name: str) -> None:
    """Give a moved device its permanent addresses of global scope again: with the move, it has lost all."""
    moved = context.moved[name]
    with _connection_in(moved.namespace) as inside:
        link = _by_index(inside, moved.index)
        for address in moved.addresses:
            if address.stays:
                inside.add_address(link, address)


def set_up(context: Context, name: str) -> None:
    """Set a moved device up."""
    moved = context.moved[name]
    with _connection_in(moved.namespace) as inside:
        inside.set_up(_by_index(inside, moved.index))


def take_back(context: Context, name: str, new_name: str) -> None:
    """Undo the move, if this operation has made it: once the container is created, nothing is taken back."""
    from reference_runtime.netlink import Connection

    moved = context.moved.pop(name, None)
    if moved is None:
        return
    namespace = call(os.open, _OWN, os.O_RDONLY | os.O_CLOEXEC)
    with _connection_in(moved.namespace) as inside:
        inside.move(_by_index(inside, moved.index), namespace, name)
    with Connection() as outside:
        link = outside.link(name)
        for address in moved.addresses:
            if address.stays:
                outside.add_address(link, address)
        if moved.link.up:
            outside.set_up(link)
    os.close(namespace)
    os.close(moved.namespace)


def _connection_in(namespace: int) -> Connection:
    """A connection to another network namespace, which this process is in for no longer than that takes."""
    from reference_runtime.netlink import Connection

    own = call(os.open, _OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.setns(namespace, FLAGS["network"])
        try:
            return Connection()
        finally:
            syscalls.setns(own, FLAGS["network"])
    finally:
        os.close(own)


def _by_index(connection: Connection, index: int) -> Link:
    return next(link for link in connection.links() if link.index == index)
