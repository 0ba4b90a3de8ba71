"""The log that callers read after a command has failed: one line for each error."""

from __future__ import annotations

import os
import time

from reference_runtime.output import complain


def append(path: str, form: str, message: str) -> None:
    """Append an error to the log, as `text` or as `json` with the keys that callers know: level, msg, time."""
    from reference_runtime.documents import encode

    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if form == "json":
        line = encode({"level": "error", "msg": message, "time": now}).replace("\n", "")
    else:
        line = f'time="{now}" level=error msg={encode(message)}'
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
