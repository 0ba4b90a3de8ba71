"""The log that callers read after a command: one line for each error and each warning."""

from __future__ import annotations

import os
import time

from reference_runtime.output import complain

_LOG: list[tuple[str, str]] = []


def begin(path: str, form: str) -> None:
    """Have warnings of this command appended to a log."""
    _LOG.append((path, form))


def warn(message: str) -> None:
    """Append a warning to the log of this command, if it has one."""
    for path, form in _LOG:
        append(path, form, message, "warning")


def append(path: str, form: str, message: str, level: str = "error") -> None:
    """Append a line to the log, as `text` or as `json` with the keys that callers know: level, msg, time."""
    from reference_runtime.documents import encode

    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if form == "json":
        line = encode({"level": level, "msg": message, "time": now}).replace("\n", "")
    else:
        line = f'time="{now}" level={level} msg={encode(message)}'
    try:
        # A FIFO that nobody reads would block for ever without O_NONBLOCK.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError as error:
        complain(f"cannot write the log {path}: {error}")
