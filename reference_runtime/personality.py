"""The execution domain (config-linux.md, Personality)."""

from __future__ import annotations

from reference_runtime import syscalls
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context

DOMAINS = {"LINUX": 0x0000, "LINUX32": 0x0008}


def plan(config: Config) -> Iterator[Step]:
    """Set the execution domain of the process."""
    personality = config.linux.get("personality")
    if personality:
        place = "$.linux.personality.domain"
        yield Step("personality.set_domain", "config_linux.personality.domain", place, domain=personality["domain"])


def set_domain(context: Context, domain: str) -> None:
    """personality(2); the flags that the caller may have are gone with it."""
    syscalls.personality(DOMAINS[domain])
