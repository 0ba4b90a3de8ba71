"""What is seen of the needs, here or in another lane."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

from conformance.errors import LaneClosed, SetupError
from conformance.host import host
from conformance.host.needs import NEEDS, unmet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.options import Options


@dataclasses.dataclass(frozen=True)
class Seen:
    """One lane. `obstacle` is why nothing was seen there, if so; otherwise `host` describes the surroundings, and `unmet`
    has the needs that are not met, with the reasons. `unknown` are those that a runtime has to be asked about.
    """

    obstacle: str | None = None
    host: str = ""
    unmet: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unknown: Sequence[str] = ()

    def meets(self, need: str) -> bool:
        """Whether checks with this need are made there."""
        return self.obstacle is None and need not in self.unmet and need not in self.unknown


def here(options: Options) -> Seen:
    """What is seen from this process. A runtime, if one is named, is tried in a preflight."""
    found = host.detect()
    of_runtime = [name for name, need in NEEDS.items() if need.met is None]
    if options.runtime is None:
        lacking = {name: lack for name, lack in unmet(found, {}).items() if name not in of_runtime}
        return Seen(None, found.description, lacking, of_runtime)
    from conformance.session import begin, end

    try:
        session = begin(options)
    except SetupError as error:
        return Seen(str(error).partition("\n")[0])
    end(session)
    return Seen(None, found.description, session.unmet)


def there(name: str, words: Sequence[str]) -> Seen:
    """What is seen in a lane; `words` name the runtime, if one is to be tried. Raises `InvalidUse`."""
    from conformance.lanes import entering

    command = [sys.executable, "-m", "conformance", "doctor", "--lane=host", "--format=json", *words]
    try:
        with entering.directory() as files:
            status, content = entering.run(entering.LANES[name], command, files, quiet=True)
    except LaneClosed as error:
        return Seen(error.obstacle)
    except SetupError as error:
        return Seen(str(error))
    found: dict[str, Any] = json.loads(content)["lanes"]["host"] if status in (0, 1) else {}
    return Seen(**found) if found else Seen(f"the command ended there with status {status}")
