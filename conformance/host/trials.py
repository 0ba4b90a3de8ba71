"""What a host can do that is told by nothing but a trial; nothing is left of it."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

from conformance.host.namespaces import private
from reference_runtime.cgroups import device_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.facts.mountinfo import Mount


def cgroup_devices(cgroups: Iterable[Mount]) -> bool:
    """Whether a cgroup of one of these mounts can restrict devices."""
    for mount in cgroups:
        if not os.access(mount.mount_point, os.W_OK):
            continue
        if mount.type == "cgroup" and "devices" in mount.super_options:
            return True
        if mount.type == "cgroup2" and _program_can_be_loaded():
            return True
    return False


def _program_can_be_loaded() -> bool:
    try:
        os.close(device_program.load(device_program.assembled([])))
    except OSError:
        return False
    return True


def veth() -> bool:
    """Whether a pair of virtual Ethernet devices can be made (veth(4), rtnetlink(7))."""
    newlink, request_and_answer, linkinfo, kind, error = 16, 0x1 | 0x4 | 0x400 | 0x200, 18, 1, 2
    name = struct.pack("=HH", 8, kind) + b"veth"
    message = bytes(16) + struct.pack("=HH", 4 + len(name), linkinfo) + name
    try:
        with private("net"), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.send(struct.pack("=IHHII", 16 + len(message), newlink, request_and_answer, 1, 0) + message)
            _, type_, _, _, _, number = struct.unpack_from("=IHHIIi", kernel.recv(1 << 16))
    except OSError:
        return False
    return bool(type_ == error and number == 0)
