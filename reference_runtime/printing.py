"""`plan`: the steps of a bundle, as a list to read or as JSON."""

from __future__ import annotations

from reference_runtime import config as configs
from reference_runtime import host, plan
from reference_runtime.documents import encode
from reference_runtime.errors import UsageError
from reference_runtime.steps import DELETE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reference_runtime.steps import Step


def plan_of(bundle: str, form: str) -> str:
    """What create, start and delete would do with this bundle on this host. Raises `RuntimeFault`."""
    if form not in ("text", "json"):
        raise UsageError(f"--format is text or json, not {form!r}")
    config, _ = configs.load(bundle, "ID")
    steps = plan.build(config, host.detect())
    if form == "json":
        return encode([step.document() for step in steps])
    rows = [_row(step) for step in steps if step.when != DELETE]
    rows += [("delete", "runtime", f"undo: {step.undo}", *_row(step)[3:]) for step in reversed(steps) if step.undo]
    rows += [_row(step) for step in steps if step.when == DELETE]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, [*widths, 0], strict=True)) for row in rows)
    return "\n".join(map(str.rstrip, lines))


def _row(step: Step) -> tuple[str, str, str, str, str]:
    arguments = " ".join(f"{name}={_short(value)}" for name, value in step.arguments.items())
    return step.when, step.where, step.action, step.why, f"{step.place}  {arguments}".rstrip()


def _short(value: object) -> str:
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= 70 else f"{text[:67]}..."
