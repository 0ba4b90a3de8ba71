"""Options and arguments of a command line.

Half of what a `state` command costs would be `argparse`, so this does the little that is needed.
"""

from __future__ import annotations

from reference_runtime.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Command:
    """A command: its arguments (a trailing ``?`` marks one that can be left out), its options, and what it does.

    `options` maps a name such as ``--bundle`` to the name of its value, or to None for a flag. `short` maps ``-b`` to
    ``--bundle``.
    """

    def __init__(
        self,
        summary: str,
        arguments: tuple[str, ...] = (),
        options: Mapping[str, str | None] | None = None,
        short: Mapping[str, str] | None = None,
    ) -> None:
        self.summary = summary
        self.arguments = arguments
        self.options = dict(options or {})
        self.short = dict(short or {})

    def usage(self, name: str) -> str:
        """One line that shows how it is called."""
        options = " ".join(f"[{option} {value}]" if value else f"[{option}]" for option, value in self.options.items())
        arguments = " ".join(f"[{word[:-1]}]" if word.endswith("?") else word for word in self.arguments)
        return " ".join(filter(None, (name, options, arguments)))


class Parsed:
    """What a command line said: `options` by name without dashes, and the `arguments` in order."""

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.arguments: list[str] = []

    def value(self, name: str) -> str | None:
        """The value of an option, None if it was not given."""
        return self.options.get(name)

    def flag(self, name: str) -> bool:
        """Whether a flag was given."""
        return name in self.options


def parse(command: Command, words: list[str], *, stop_at_argument: bool = False) -> tuple[Parsed, list[str]]:
    """Sort the words of a command line; with `stop_at_argument`, up to the first that is no option.

    Returns what was said, and the words that are left over. Raises `UsageError`.
    """
    parsed = Parsed()
    rest = list(words)
    while rest:
        word = rest[0]
        if word == "--":
            parsed.arguments += rest[1:]
            rest = []
        elif word.startswith("-") and len(word) > 1:
            del rest[0]
            _option(command, word, rest, parsed)
        elif stop_at_argument:
            break
        else:
            parsed.arguments.append(rest.pop(0))
    if not stop_at_argument:
        _count(command, parsed)
    return parsed, rest


def _option(command: Command, word: str, rest: list[str], parsed: Parsed) -> None:
    name, has_value, value = word.partition("=")
    name = command.short.get(name, name)
    if name not in command.options:
        raise UsageError(f"unknown option {word}")
    if command.options[name] is None:
        if has_value and value not in ("true", "false"):
            raise UsageError(f"{name} takes no value")
        if value != "false":
            parsed.options[name.lstrip("-")] = ""
        return
    if not has_value:
        if not rest:
            raise UsageError(f"{name} needs a value")
        value = rest.pop(0)
    parsed.options[name.lstrip("-")] = value


def _count(command: Command, parsed: Parsed) -> None:
    needed = [word for word in command.arguments if not word.endswith("?")]
    if len(parsed.arguments) < len(needed):
        raise UsageError(f"{needed[len(parsed.arguments)]} is missing")
    if len(parsed.arguments) > len(command.arguments):
        raise UsageError(f"too many arguments: {parsed.arguments[len(command.arguments)]!r}")
