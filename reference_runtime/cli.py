"""The command line: `oci-reference-runtime [global options] COMMAND [options] [arguments]`."""

from __future__ import annotations

import os
import sys

from reference_runtime.commandline import Command, Parsed, parse
from reference_runtime.errors import RuntimeFault, UsageError
from reference_runtime.output import answer, complain
from reference_runtime.state import DEFAULT_ROOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "oci-reference-runtime"

_BUNDLE = {"--bundle": "PATH"}
_CREATE = {**_BUNDLE, "--console-socket": "SOCKET", "--pid-file": "FILE"}

GLOBAL = Command(
    "",
    options={"--root": "DIR", "--log": "FILE", "--log-format": "text|json", "--help": None, "--version": None},
    short={"-h": "--help", "-v": "--version"},
)

COMMANDS = {
    "create": Command("create a container from a bundle", ("ID",), _CREATE, {"-b": "--bundle"}),
    "start": Command("run the program of a created container", ("ID",)),
    "state": Command("print the state of a container", ("ID",)),
    "kill": Command("send a signal to the container process", ("ID", "SIGNAL?"), {"--signal": "SIGNAL"}),
    "delete": Command("undo what create did", ("ID",), {"--force": None}, {"-f": "--force"}),
    "run": Command("create, start, wait, delete", ("ID",), _CREATE, {"-b": "--bundle"}),
    "plan": Command("print what create, start and delete would do", ("BUNDLE?",), {"--format": "text|json"}),
    "features": Command("print the features structure"),
}


def main(words: list[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 for success, 1 for an error, with `run` that of the program."""
    words = sys.argv[1:] if words is None else words
    given = Parsed()
    try:
        given, rest = parse(GLOBAL, words, stop_at_argument=True)
        if given.value("log-format") not in (None, "text", "json"):
            raise UsageError(f"--log-format is text or json, not {given.value('log-format')!r}")
        if given.flag("version"):
            return _print_version()
        if given.flag("help") or not rest or rest[0] in ("help", "--help"):
            answer(_help())
            return 0 if given.flag("help") or rest else 1
        name, *words = rest
        if name not in COMMANDS:
            raise UsageError(f"unknown command {name!r}; there are {', '.join(COMMANDS)}")
        if "--help" in words or "-h" in words:
            answer(f"usage: {NAME} {COMMANDS[name].usage(name)}\n\n{COMMANDS[name].summary}")
            return 0
        command, _ = parse(COMMANDS[name], words)
        if given.value("log"):
            from reference_runtime import logging

            logging.begin(str(given.value("log")), given.value("log-format") or "text")
        return _ACTIONS[name](given.value("root") or DEFAULT_ROOT, command)
    except (RuntimeFault, OSError) as error:
        _report(str(error), given)
        return 1
    except KeyboardInterrupt:
        _report("interrupted", given)
        return 130


def _create(root: str, command: Parsed) -> int:
    from reference_runtime import descriptors, interpreter, lifecycle

    interpreter.execute_read_only()
    descriptors.keep_the_standard_streams()
    bundle = command.value("bundle") or os.getcwd()
    lifecycle.create(root, command.arguments[0], bundle, command.value("console-socket"), command.value("pid-file"))
    return 0


def _start(root: str, command: Parsed) -> int:
    from reference_runtime import lifecycle

    lifecycle.start(root, command.arguments[0])
    return 0


def _state(root: str, command: Parsed) -> int:
    from reference_runtime.documents import encode
    from reference_runtime.state import StateDirectory

    answer(encode(StateDirectory(root, command.arguments[0]).report()))
    return 0


def _kill(root: str, command: Parsed) -> int:
    from reference_runtime import lifecycle

    identifier, *named = command.arguments
    name = named[0] if named else command.value("signal")
    lifecycle.kill(root, identifier, _signal_number(name) if name else lifecycle.stop_signal(root, identifier))
    return 0


def _delete(root: str, command: Parsed) -> int:
    from reference_runtime import lifecycle

    lifecycle.delete(root, command.arguments[0], force=command.flag("force"))
    return 0


def _run(root: str, command: Parsed) -> int:
    from reference_runtime import descriptors, interpreter, running

    interpreter.execute_read_only()
    descriptors.keep_the_standard_streams()
    identifier = command.arguments[0]
    bundle = command.value("bundle") or os.getcwd()
    return running.run(root, identifier, bundle, command.value("console-socket"), command.value("pid-file"))


def _plan(_: str, command: Parsed) -> int:
    from reference_runtime import printing

    answer(printing.plan_of((command.arguments or [os.getcwd()])[0], command.value("format") or "text"))
    return 0


def _features(_: str, __: Parsed) -> int:
    from reference_runtime import features
    from reference_runtime.documents import encode

    answer(encode(features.document()))
    return 0


_ACTIONS: dict[str, Callable[[str, Parsed], int]] = {
    "create": _create,
    "start": _start,
    "state": _state,
    "kill": _kill,
    "delete": _delete,
    "run": _run,
    "plan": _plan,
    "features": _features,
}


def _signal_number(name: str) -> int:
    from reference_runtime import signals

    number = signals.number(name)
    if number is None:
        raise UsageError(f"{name!r} is no signal")
    return number


def _print_version() -> int:
    from reference_runtime import __version__
    from reference_runtime.config import NEWEST_VERSION

    answer(f"{NAME} version {__version__}\nspec: {NEWEST_VERSION}")
    return 0


def _help() -> str:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {command.summary}" for name, command in COMMANDS.items())
    return f"usage: {GLOBAL.usage(NAME)} COMMAND ...\n\n{commands}\n\n{NAME} COMMAND --help says more of each."


def _report(problem: str, given: Parsed) -> None:
    complain(f"{NAME}: {problem}")
    if given.value("log"):
        from reference_runtime.logging import append

        append(str(given.value("log")), given.value("log-format") or "text", problem)
