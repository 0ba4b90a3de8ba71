"""The process: its program, its environment, and what goes with its terminal and its user."""

from __future__ import annotations

from conformance.validation import platforms
from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MISTAKEN_FOR_OCTAL = (22, 26, 27, 37, 66, 67, 77, 117, 127, 137, 177)
"""The octal digits of umasks that people use, as if they were decimal ones."""

_PERMISSIONS = 0o777

_LARGEST_SIZE = 0xFFFF
"""What ioctl_tty(2) has room for."""


@rule("process.windows_cwd", "config.process.cwd.absolute")
def windows_cwd_is_absolute(config: Any) -> Iterator[Fault]:
    """The working directory is absolute on Windows, too."""
    if platforms.is_windows(config):
        for path, cwd in each(config, "process", "cwd", of=str):
            if not platforms.is_absolute_on_windows(cwd):
                yield Fault(path, f"{shown(cwd)} is no absolute path on Windows, such as C:\\data")


@rule("process.command_line", "config.process.command_line.required")
def windows_has_a_command_line(config: Any) -> Iterator[Fault]:
    """There is a command line on Windows, if there are no arguments."""
    if platforms.is_windows(config):
        for path, process in each(config, "process", of=dict):
            if "commandLine" not in process and "args" not in process:
                yield Fault(f"{path}.commandLine", "is required where args is not set")


@rule("process.of_windows", severity=NOTE)
def process_has_nothing_of_windows(config: Any) -> Iterator[Fault]:
    """What is for Windows only is not elsewhere."""
    if "windows" not in platforms.listed(config):
        for steps in (("process", "commandLine"), ("process", "user", "username")):
            for path, _ in each(config, *steps, of=str):
                yield Fault(path, "is for Windows only, and the config has no windows", at_name=True)


@rule("process.program", severity=WARNING)
def program_has_a_name(config: Any) -> Iterator[Fault]:
    """The first argument is not empty."""
    for path, program in each(config, "process", "args", 0, of=str):
        if program == "":
            yield Fault(path, "is empty, and no program has an empty name")


@rule("process.path", severity=NOTE)
def program_can_be_searched(config: Any) -> Iterator[Fault]:
    """There is a PATH, if the program has to be looked for."""
    for path, program in each(config, "process", "args", 0, of=str):
        names = [variable.partition("=")[0] for _, variable in each(config, "process", "env", ..., of=str)]
        if program and "/" not in program and "PATH" not in names and not platforms.is_windows(config):
            yield Fault(path, f"{shown(program)} is to be looked for in PATH, which env does not have")


@rule("process.env", "config.process.env.variables")
def variables_have_names_and_values(config: Any) -> Iterator[Fault]:
    """A string of the environment is a name, an equals sign, and a value."""
    if not platforms.is_windows(config):
        yield from _malformed(each(config, "process", "env", ..., of=str))


@rule("hooks.env", "config.hooks.env.variables")
def variables_of_hooks_have_names_and_values(config: Any) -> Iterator[Fault]:
    """A string of the environment of a hook is a name, an equals sign, and a value."""
    yield from _malformed(each(config, "hooks", ..., ..., "env", ..., of=str))


def _malformed(variables: Iterator[tuple[str, str]]) -> Iterator[Fault]:
    for path, variable in variables:
        if variable.find("=") < 1:
            what = "has no name" if variable.startswith("=") else "has no equals sign"
            yield Fault(path, f"{shown(variable)} {what}", allowed=["NAME=value"])


@rule("process.env_repeated", severity=NOTE)
def variables_are_there_once(config: Any) -> Iterator[Fault]:
    """No variable is set twice, which environ leaves undefined."""
    first: dict[str, str] = {}
    for path, variable in each(config, "process", "env", ..., of=str):
        name, equals, _ = variable.partition("=")
        if not equals or not name:
            continue
        if name in first:
            yield Fault(path, f"{shown(name)} is set twice", related=[("the first one", first[name])])
        else:
            first[name] = path


@rule("process.console", severity=NOTE)
def console_has_a_terminal(config: Any) -> Iterator[Fault]:
    """There is a terminal, if there is a size of it, and it can be of that size."""
    for path, size in each(config, "process", "consoleSize", of=dict):
        numbers = [(name, value) for name in ("height", "width") for _, value in each(size, name, of=int)]
        if config["process"].get("terminal", False) is False:
            if any(value for _, value in numbers):
                yield Fault(path, "is ignored, for there is no terminal")
            continue
        for name, value in numbers:
            if value > _LARGEST_SIZE:
                yield Fault(f"{path}.{name}", f"{value} is more than a terminal can have, which is {_LARGEST_SIZE}")


@rule("process.umask", severity=NOTE)
def umask_is_of_permissions(config: Any) -> Iterator[Fault]:
    """A umask is one of permissions, and what was meant."""
    for path, umask in each(config, "process", "user", "umask", of=int):
        if umask > _PERMISSIONS:
            yield Fault(path, f"{umask} is octal {umask:o}, and the kernel takes {umask & _PERMISSIONS:o} of it")
        elif umask in _MISTAKEN_FOR_OCTAL:
            problem = f"{umask} is octal {umask:o}; octal {umask} is {int(str(umask), 8)}"
            yield Fault(path, problem, suggestion=str(int(str(umask), 8)))
