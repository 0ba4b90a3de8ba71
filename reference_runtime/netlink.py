"""Links and their addresses, as the kernel tells and changes them (rtnetlink(7), netlink(7)).

A connection is one to the network namespace that the process is in when it is made.
"""

from __future__ import annotations

import _socket
import errno
import os
import struct

from reference_runtime.errors import SyscallFailed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

_ERROR, _DONE = 2, 3
_NEWLINK, _GETLINK, _NEWADDR, _GETADDR = 16, 18, 20, 22
_REQUEST, _ACKNOWLEDGE, _DUMP, _CREATE, _EXCLUSIVE = 0x1, 0x4, 0x300, 0x400, 0x200

_IFLA_IFNAME = 3
_IFLA_NET_NS_FD = 28
_IFA_LABEL, _IFA_CACHEINFO, _IFA_FLAGS = 3, 6, 8

_IFF_UP = 1
_IFA_F_PERMANENT = 0x80
# What the kernel finds out of an address, and nobody can ask for.
_FOUND = 0x80 | 0x40 | 0x20 | 0x08 | 0x01
_RT_SCOPE_UNIVERSE = 0

_HEADER = struct.Struct("=IHHII")
# struct ifinfomsg, struct ifaddrmsg, struct rtattr
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")

_LARGEST = 1 << 17


class Link:
    """A network device: its index and name, and whether it is up."""

    def __init__(self, index: int, name: str, up: bool) -> None:
        self.index = index
        self.name = name
        self.up = up


class Address:
    """An address of a network device, in the kernel's own form, which is that of the request to add it."""

    def __init__(self, message: bytes) -> None:
        self.family, self.prefix_length, self.flags, self.scope, self.index = _ADDRESS.unpack_from(message)
        self.attributes = dict(_attributes(message[_ADDRESS.size :]))
        if _IFA_FLAGS in self.attributes:
            (self.flags,) = struct.unpack("=I", self.attributes[_IFA_FLAGS])

    @property
    def stays(self) -> bool:
        """Whether it is permanent and of global scope."""
        return bool(self.flags & _IFA_F_PERMANENT) and self.scope == _RT_SCOPE_UNIVERSE

    def of(self, index: int) -> bytes:
        """The request for this address of another device."""
        # A label has the name of the device in it, and what is permanent has no lifetime.
        kept = {k: v for k, v in self.attributes.items() if k not in (_IFA_LABEL, _IFA_CACHEINFO, _IFA_FLAGS)}
        kept[_IFA_FLAGS] = struct.pack("=I", self.flags & ~_FOUND)
        header = _ADDRESS.pack(self.family, self.prefix_length, 0, self.scope, index)
        return header + b"".join(_attribute(kind, value) for kind, value in kept.items())


class Connection:
    """A connection to the kernel, to be closed at the end of a ``with``. Its methods raise `SyscallFailed`."""

    def __init__(self) -> None:
        kind = _socket.SOCK_RAW | _socket.SOCK_CLOEXEC
        self._socket = call(_socket.socket, _socket.AF_NETLINK, kind, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def links(self) -> list[Link]:
        """All network devices of the namespace."""
        found = []
        for message in self._ask(_GETLINK, _REQUEST | _DUMP, _LINK.pack(0, 0, 0, 0, 0), "links"):
            _, _, index, flags, _ = _LINK.unpack_from(message)
            name = dict(_attributes(message[_LINK.size :]))[_IFLA_IFNAME]
            found.append(Link(index, os.fsdecode(name.rstrip(b"\0")), bool(flags & _IFF_UP)))
        return found

    def link(self, name: str) -> Link:
        """The network device of that name."""
        for link in self.links():
            if link.name == name:
                return link
        raise SyscallFailed("netlink RTM_GETLINK", errno.ENODEV, name)

    def addresses(self, link: Link) -> list[Address]:
        """The addresses of a network device."""
        messages = self._ask(_GETADDR, _REQUEST | _DUMP, _ADDRESS.pack(0, 0, 0, 0, 0), link.name)
        return [address for address in map(Address, messages) if address.index == link.index]

    def move(self, link: Link, namespace: int, name: str) -> None:
        """Move a network device to a namespace, by its descriptor, where it gets a name, all at once."""
        attributes = _attribute(_IFLA_NET_NS_FD, struct.pack("=I", namespace))
        attributes += _attribute(_IFLA_IFNAME, os.fsencode(name) + b"\0")
        self._ask(_NEWLINK, _REQUEST | _ACKNOWLEDGE, _LINK.pack(0, 0, link.index, 0, 0) + attributes, link.name)

    def set_up(self, link: Link) -> None:
        """Set the state of a network device to up."""
        message = _LINK.pack(0, 0, link.index, _IFF_UP, _IFF_UP)
        self._ask(_NEWLINK, _REQUEST | _ACKNOWLEDGE, message, link.name)

    def add_address(self, link: Link, address: Address) -> None:
        """Give a network device an address."""
        flags = _REQUEST | _ACKNOWLEDGE | _CREATE | _EXCLUSIVE
        self._ask(_NEWADDR, flags, address.of(link.index), link.name)

    def _ask(self, kind: int, flags: int, message: bytes, about: str) -> list[bytes]:
        self._socket.send(_HEADER.pack(_HEADER.size + len(message), kind, flags, 1, 0) + message)
        answers: list[bytes] = []
        while True:
            received = self._socket.recv(_LARGEST)
            while received:
                length, answer, _, _, _ = _HEADER.unpack_from(received)
                content = received[_HEADER.size : length]
                if answer == _ERROR:
                    (number,) = struct.unpack_from("=i", content)
                    if number:
                        names = {_NEWLINK: "RTM_NEWLINK", _NEWADDR: "RTM_NEWADDR"}
                        raise SyscallFailed(f"netlink {names.get(kind, kind)}", -number, about)
                    return answers
                if answer == _DONE:
                    return answers
                answers.append(content)
                received = received[_aligned(length) :]


def _attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value.ljust(_aligned(length) - _ATTRIBUTE.size, b"\0")


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    while len(content) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(content)
        yield kind, content[_ATTRIBUTE.size : length]
        content = content[_aligned(length) :]


def _aligned(length: int) -> int:
    return length + 3 & ~3
