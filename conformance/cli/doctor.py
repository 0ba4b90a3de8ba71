"""`oci-conform doctor`: what this machine can show, in which lane, and why not more."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

from conformance import options
from conformance.errors import ProbeNotBuilt
from conformance.lanes.lane import HOST, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.lanes.survey import Seen

RUNTIMES = ("runc", "crun", "youki", "runsc", "kata-runtime")
"""The names that are looked for in PATH; nothing else depends on them."""

SLOW = "vm"
"""The lane that is not looked at unless it is asked for."""

_EXIT_STATUSES = """exit statuses of doctor:
  0  the probe can be compiled, and every need of checks is met in one of the lanes, but for those that take a
     special machine
  1  otherwise
  2  wrong usage"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="say which needs of the checks this machine meets, and in which lane",
        description="Say which needs of the checks are met on this machine as it is, and in its lanes, and why others "
        f"are not. Without --lane, that is all lanes but {SLOW}, which takes a minute.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--lane", action="append", choices=NAMES, help="look there; can be repeated")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text by default")
    options.add_to_command(parser, [option for option in options.OPTIONS if option.name.startswith("runtime")])


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """All that was found. `probe` is the probe's executable, or why it cannot be compiled; `runtimes` are paths by name."""

    lanes: Mapping[str, Seen]
    probe: str
    probe_compiled: bool
    runtimes: Mapping[str, str]

    @property
    def open(self) -> dict[str, Seen]:
        """The lanes that could be entered."""
        return {name: seen for name, seen in self.lanes.items() if seen.obstacle is None}

    def met_in(self, need: str) -> list[str]:
        """The lanes in which checks with this need are made."""
        return [name for name, seen in self.lanes.items() if seen.meets(need)]

    @property
    def is_well(self) -> bool:
        """Whether no check is skipped for want of anything that this machine could have."""
        from conformance.host.needs import NEEDS

        seen = self.open.values()
        unknown = {name for name in NEEDS if all(name in one.unknown for one in seen)}
        wanted = [name for name, need in NEEDS.items() if not need.special and name not in unknown]
        return self.probe_compiled and bool(seen) and all(self.met_in(name) for name in wanted)


def run(namespace: argparse.Namespace) -> int:
    """Look, and say what was seen; returns the exit status. Raises `InvalidUse`."""
    found = _examine(namespace)
    print(_as_json(found) if namespace.format == "json" else "\n".join(_as_text(found)))
    return 0 if found.is_well else 1


def _examine(namespace: argparse.Namespace) -> Diagnosis:
    from conformance.facts import probe
    from conformance.lanes import survey

    chosen = options.of_runtime(namespace)
    lanes = {
        name: survey.here(chosen) if name == HOST else survey.there(name, options.words(namespace))
        for name in namespace.lane or [name for name in NAMES if name != SLOW]
    }
    try:
        compiled, said = True, str(probe.compiled())
    except ProbeNotBuilt as error:
        compiled, said = False, str(error)
    runtimes = {name: path for name in RUNTIMES if (path := shutil.which(name))}
    return Diagnosis(lanes, said, compiled, runtimes)


def _as_json(found: Diagnosis) -> str:
    from conformance.host.needs import NEEDS

    needs = {
        name: {
            "lack": need.lack,
            "of_runtime": need.met is None,
            "special": need.special,
            "met_in": found.met_in(name),
        }
        for name, need in NEEDS.items()
    }
    document = {
        "lanes": {name: dataclasses.asdict(seen) for name, seen in found.lanes.items()},
        "needs": needs,
        "probe": {"compiled": found.probe_compiled, "said": found.probe},
        "runtimes": found.runtimes,
    }
    return json.dumps(document, indent=2)


def _as_text(found: Diagnosis) -> Iterator[str]:
    from conformance.host.needs import NEEDS

    yield "lanes:"
    for name in NAMES:
        seen = found.lanes.get(name)
        if seen is None:
            yield f"  {name:10}not looked at: --lane={name}"
        else:
            yield f"  {name:10}{seen.host if seen.obstacle is None else f'closed: {seen.obstacle}'}"
    yield "needs:"
    for name in NEEDS:
        yield f"  {name:{max(map(len, NEEDS)) + 2}}{_standing(found, name)}"
    yield f"probe: {found.probe}"
    yield f"runtimes: {', '.join(found.runtimes.values()) or 'none in PATH'}"


def _standing(found: Diagnosis, name: str) -> str:
    from conformance.host.needs import NEEDS

    need = NEEDS[name]
    met = found.met_in(name)
    if found.open and all(name in seen.unknown for seen in found.open.values()):
        return "about the runtime, which the preflight tells: --runtime=..."
    if len(met) == len(found.open) > 0:
        return f"met in {', '.join(met)}"
    if met:
        return (
            f"met in {', '.join(met)}; not in {', '.join(lane for lane in found.open if lane not in met)}: {need.lack}"
        )
    return f"{'takes a special machine' if need.special else 'NOT MET'}: {need.lack}"
