"""What a command says. It is written at once, so that an error of writing is an error of the command."""

from __future__ import annotations

import os

from reference_runtime.errors import SyscallFailed


def answer(text: str) -> None:
    """Write the answer to stdout, in UTF-8 whatever the locale is. Raises `SyscallFailed`."""
    _write(1, text)


def complain(text: str) -> None:
    """Write one line to stderr, whatever was put into the text. Where that cannot be, there is nobody to tell."""
    try:
        _write(2, "".join(character if character.isprintable() else repr(character)[1:-1] for character in text))
    except OSError:
        return


def _write(stream: int, text: str) -> None:
    content = f"{text}\n".encode("utf-8", "backslashreplace")
    while content:
        try:
            content = content[os.write(stream, content) :]
        except OSError as error:
            raise SyscallFailed("write", error.errno or 0, ("stdin", "stdout", "stderr")[stream]) from error
