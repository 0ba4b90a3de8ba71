"""The terminal of a container: a pseudoterminal of its own devpts, whose master goes to the caller.

The caller listens at the AF_UNIX socket named by --console-socket, and gets one message: a JSON object, with the
master as SCM_RIGHTS (command-line-interface.md, Console socket).
"""

from __future__ import annotations

import fcntl
import os
import sys
import termios

from reference_runtime import paths, syscalls
from reference_runtime.errors import call
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context

_TIOCSPTLCK = 0x40045431
_TIOCGPTPEER = 0x5441


def plan_connection(config: Config) -> Iterator[Step]:
    """Connect to the caller's socket, while the runtime still sees its path."""
    if config.terminal:
        yield Step("terminal.connect", "command_line.console_socket.master", "$.process.terminal", where=RUNTIME)


def plan(config: Config) -> Iterator[Step]:
    """Make the pseudoterminal and /dev/console, once the mounts are there."""
    if not config.terminal:
        return
    why = "config.process.terminal.allocated"
    size = config.process.get("consoleSize", {})
    uid = config.process.get("user", {}).get("uid", 0)
    height, width = size.get("height", 0), size.get("width", 0)
    yield Step("terminal.allocate", why, "$.process.terminal", uid=uid, height=height, width=width)
    yield Step("terminal.make_console", "config_linux.default_devices.console", "$.process.terminal")
    yield Step("terminal.send_master", "command_line.console_socket.master", "$.process.terminal")


def plan_attachment(config: Config) -> Iterator[Step]:
    """Make the pseudoterminal the standard streams and the controlling terminal."""
    yield Step("terminal.new_session", "config.process.terminal.allocated", "$.process.terminal")
    if config.terminal:
        yield Step("terminal.attach", "config.process.terminal.allocated", "$.process.terminal")


def connect(context: Context) -> None:
    """Connect to --console-socket."""
    import _socket

    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    assert context.console_socket is not None
    call(socket.connect, context.console_socket)
    context.descriptors["console socket"] = socket.detach()


def allocate(context: Context, uid: int, height: int, width: int) -> None:
    """Open a new pseudoterminal in the container's /dev/pts (pts(4))."""
    with paths.resolve(context.root, "/dev/pts/ptmx") as ptmx:
        flags = os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC
        master = call(os.open, paths.through_proc(ptmx), flags)
    call(fcntl.ioctl, master, _TIOCSPTLCK, b"\0\0\0\0")
    slave = call(fcntl.ioctl, master, _TIOCGPTPEER, flags)
    call(os.fchown, slave, uid, -1)
    if height or width:
        call(termios.tcsetwinsize, slave, (height, width))
    context.descriptors["master"] = master
    context.descriptors["slave"] = slave


def make_console(context: Context) -> None:
    """Bind the pseudoterminal to /dev/console."""
    flags = syscalls.OPEN_TREE_CLONE | syscalls.AT_EMPTY_PATH
    with (
        paths.Opened(syscalls.open_tree(context.descriptors["slave"], "", flags)) as console,
        paths.make_file(context.root, "/dev/console") as target,
    ):
        syscalls.move_mount(console, target)


def send_master(context: Context) -> None:
    """Give the master to the caller."""
    import _socket

    from reference_runtime.documents import encode

    master = context.descriptors.pop("master")
    message = encode({"type": "terminal", "container": context.config.identifier}).encode()
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, master.to_bytes(4, sys.byteorder))
    socket = _socket.socket(fileno=context.descriptors.pop("console socket"))
    call(socket.sendmsg, [message], [rights])
    socket.close()
    os.close(master)


def new_session(context: Context) -> None:
    """Leave the session, and so the terminal, of the runtime's caller."""
    call(os.setsid)


def attach(context: Context) -> None:
    """Put the pseudoterminal in place of the standard streams, and make it the controlling terminal."""
    slave = context.descriptors.pop("slave")
    call(fcntl.ioctl, slave, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(slave, stream)
    os.close(slave)
