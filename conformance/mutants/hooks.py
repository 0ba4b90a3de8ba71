"""Mutants that call hooks wrongly."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reference_runtime.steps import Step


def change_hook(**changes: Any) -> None:
    """Change the entries of all hooks."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "hooks.run":
                step.arguments["hook"] = {**step.arguments["hook"], **changes}
        return steps

    transform_plan(change)


def move_hooks(kind: str, **place: str) -> None:
    """Call the hooks of a kind elsewhere or at another time."""

    def move(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.arguments.get("kind") == kind and step.action == "hooks.run":
                for name, value in place.items():
                    setattr(step, name, value)
        return steps

    transform_plan(move)


def ignore_failures(*kinds: str) -> None:
    """Go on after a hook of these kinds has failed."""
    from reference_runtime import hooks
    from reference_runtime.errors import HookFailed

    original = hooks.run

    def run(context: Any, kind: str, index: int, hook: dict[str, Any]) -> None:
        try:
            original(context, kind, index, hook)
        except HookFailed:
            if kind not in kinds:
                raise

    hooks.run = run


@mutant("config.hooks.order")
def hooks_are_reversed() -> None:
    """The hooks of a list are called last one first."""

    def reverse(steps: list[Step]) -> list[Step]:
        by_kind: dict[str, list[Step]] = {}
        for step in steps:
            if step.action == "hooks.run":
                by_kind.setdefault(step.arguments["kind"], []).append(step)
        return [by_kind[s.arguments["kind"]].pop() if s.action == "hooks.run" else s for s in steps]

    transform_plan(reverse)


@mutant("config.hooks.order")
def hooks_overlap() -> None:
    """A hook is called while the one before it still runs."""
    import os

    from reference_runtime import hooks

    original = hooks._wait
    behind: list[int] = []

    def wait(child: int, timeout: int | None) -> str:
        if not behind:
            behind.append(child)
            return ""
        os.waitpid(behind.pop(), 0)
        return original(child, timeout)

    hooks._wait = wait


@mutant("config.hooks.prestart.called", "runtime.lifecycle.hooks.prestart.invoked")
def no_prestart_hooks() -> None:
    """prestart hooks are not called."""
    without("hooks.run", kind="prestart")


@mutant("config.hooks.createRuntime.called", "runtime.lifecycle.hooks.createRuntime.invoked")
def no_create_runtime_hooks() -> None:
    """createRuntime hooks are not called."""
    without("hooks.run", kind="createRuntime")


@mutant("config.hooks.createContainer.called", "runtime.lifecycle.hooks.createContainer.invoked")
def no_create_container_hooks() -> None:
    """createContainer hooks are not called."""
    without("hooks.run", kind="createContainer")


@mutant("config.hooks.startContainer.called", "runtime.lifecycle.hooks.startContainer.invoked")
def no_start_container_hooks() -> None:
    """startContainer hooks are not called."""
    without("hooks.run", kind="startContainer")


@mutant("config.hooks.poststart.called", "runtime.lifecycle.hooks.poststart.invoked")
def no_poststart_hooks() -> None:
    """poststart hooks are not called."""
    without("hooks.run", kind="poststart")


@mutant("config.hooks.poststop.called", "runtime.lifecycle.hooks.poststop.invoked", "features.hooks.supported")
def no_poststop_hooks() -> None:
    """poststop hooks are not called."""
    without("hooks.run", kind="poststop")


@mutant("config.hooks.properties", "config.hooks.order")
def first_hook_only() -> None:
    """Of each list, only the first hook is called."""
    transform_plan(lambda steps: [s for s in steps if s.action != "hooks.run" or s.arguments["index"] == 0])


@mutant("config.hooks.prestart.before_createRuntime")
def prestart_after_create_runtime() -> None:
    """prestart hooks are called after createRuntime hooks."""
    _swap("prestart", "createRuntime")


@mutant("config.hooks.createContainer.after_createRuntime")
def create_container_before_create_runtime() -> None:
    """createContainer hooks are called before createRuntime hooks."""
    _swap("createRuntime", "createContainer")


@mutant("config.hooks.createRuntime.namespace")
def create_runtime_hooks_in_the_container() -> None:
    """createRuntime hooks are executed in the container namespace."""
    move_hooks("createRuntime", where="container")


@mutant("config.hooks.createContainer.namespace", "glossary.container_namespace")
def create_container_hooks_in_the_runtime() -> None:
    """createContainer hooks are executed in the runtime namespace."""
    move_hooks("createContainer", where="runtime")


@mutant("config.hooks.startContainer.namespace", "config.hooks.startContainer.when")
def start_container_hooks_in_the_runtime() -> None:
    """startContainer hooks are executed in the runtime namespace, after the program."""
    move_hooks("startContainer", where="runtime")


@mutant("config.hooks.createContainer.when", "config.hooks.createContainer.path.namespace")
def create_container_hooks_after_the_pivot() -> None:
    """createContainer hooks are called when the root has been changed."""

    def later(steps: list[Step]) -> list[Step]:
        late = [s for s in steps if s.arguments.get("kind") == "createContainer"]
        rest = [s for s in steps if s not in late]
        place = next(i for i, s in enumerate(rest) if s.action == "mounts.pivot") + 1
        return [*rest[:place], *late, *rest[place:]]

    transform_plan(later)


@mutant("config.hooks.createRuntime.when", "config.hooks.createRuntime.environment_ready")
def create_runtime_hooks_before_the_mounts() -> None:
    """createRuntime hooks are called when nothing has been mounted yet."""

    def earlier(steps: list[Step]) -> list[Step]:
        early = [s for s in steps if s.arguments.get("kind") == "createRuntime"]
        rest = [s for s in steps if s not in early]
        place = next(i for i, s in enumerate(rest) if s.action == "mounts.bind_root")
        return [*rest[:place], *early, *rest[place:]]

    transform_plan(earlier)


@mutant("config.hooks.prestart.when")
def prestart_hooks_are_called_by_start() -> None:
    """prestart hooks are called by start, as in version 1.0."""
    move_hooks("prestart", when="start")


@mutant("config.hooks.poststart.when")
def poststart_hooks_are_called_by_create() -> None:
    """poststart hooks are called by create."""

    def earlier(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.arguments.get("kind") == "poststart":
                step.when = "create"
        return sorted(steps, key=lambda step: ("create", "start", "delete").index(step.when))

    transform_plan(earlier)


@mutant("config.hooks.poststop.when")
def poststop_hooks_before_the_deletion() -> None:
    """poststop hooks are called while the container is still there."""
    from reference_runtime import lifecycle

    destroy = lifecycle.destroy
    hooks = lifecycle.run_poststop_hooks

    def destroy_later(context: Any, undo: Any) -> None:
        hooks(context)
        destroy(context, undo)

    lifecycle.destroy = destroy_later
    lifecycle.run_poststop_hooks = lambda context: None


@mutant("config.hooks.poststop.when")
def delete_does_not_wait_for_its_hooks() -> None:
    """delete returns while its poststop hooks still run."""
    import os

    from reference_runtime import lifecycle

    hooks = lifecycle.run_poststop_hooks

    def in_the_background(context: Any) -> None:
        if os.fork() == 0:
            hooks(context)
            os._exit(0)

    lifecycle.run_poststop_hooks = in_the_background


@mutant("config.hooks.createRuntime.args", "config.hooks.poststop.args")
def argument_0_is_the_path() -> None:
    """The argument vector of a hook begins with its path, and then has `args`."""
    _edit_hooks(lambda hook: {**hook, "args": [hook["path"], *hook.get("args", [])[1:]]})


@mutant("config.hooks.createRuntime.env", "config.hooks.startContainer.env")
def environment_of_the_runtime_leaks_to_hooks() -> None:
    """Hooks have a variable more than `env`."""
    _edit_hooks(lambda hook: {**hook, "env": [*hook.get("env", []), "RUNTIME_VERSION=1"]})


@mutant("config.hooks.prestart.env", "config.hooks.poststop.env")
def hooks_have_no_environment() -> None:
    """Hooks have no environment."""
    change_hook(env=[])


@mutant("config.hooks.state_on_stdin")
def stdin_of_hooks_is_empty() -> None:
    """The stdin of hooks is empty."""
    from reference_runtime import hooks

    original = hooks._file_with
    hooks._file_with = lambda content: original("")


@mutant("config.hooks.state_on_stdin")
def stdin_of_hooks_has_no_end() -> None:
    """The stdin of hooks is left open."""
    import os

    from reference_runtime import hooks

    def pipe_with(content: str) -> int:
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        os.write(writing, content.encode())
        return reading

    original = hooks._file_with
    hooks._file_with = lambda content: pipe_with(content) if content else original(content)


@mutant("config.hooks.createRuntime.timeout", "config.hooks.startContainer.timeout", "config.hooks.poststop.timeout")
def timeouts_are_ignored() -> None:
    """A hook may take as long as it likes."""
    change_hook(timeout=None)


@mutant("config.hooks.prestart.timeout", "config.hooks.createContainer.timeout")
def timeouts_abort_at_once() -> None:
    """A hook that has a timeout is aborted at once."""
    from reference_runtime import hooks

    original = hooks._wait
    hooks._wait = lambda child, timeout: original(child, timeout and 0)


@mutant("config.hooks.prestart.path.execv", "config.hooks.prestart.path.absolute")
def relative_paths_of_hooks_are_taken() -> None:
    """The path of a hook may be relative, and is then searched for."""
    _accept("pattern")
    _edit_hooks(lambda hook: hook if hook["path"].startswith("/") else {**hook, "path": _found(hook)})


@mutant("config.hooks.poststop.timeout.positive", "config.hooks.prestart.timeout.positive")
def timeouts_of_zero_are_taken() -> None:
    """A timeout of zero, or less, means no timeout."""
    _accept("minimum")
    _edit_hooks(lambda hook: hook if hook.get("timeout", 1) > 0 else {**hook, "timeout": None})


@mutant("config.hooks.createRuntime.path.required", "config.hooks.poststop.path.required")
def hooks_without_a_path_are_passed_over() -> None:
    """A hook without a path is no hook."""
    _accept("required")
    transform_plan(lambda steps: [s for s in steps if s.action != "hooks.run" or "path" in s.arguments["hook"]])


@mutant("runtime.lifecycle.hooks.prestart.failure.error", "runtime.lifecycle.hooks.prestart.failure.stopped")
def failing_prestart_hooks_are_ignored() -> None:
    """A prestart hook that fails is ignored."""
    ignore_failures("prestart")


@mutant("runtime.lifecycle.hooks.createRuntime.failure.error")
def failing_create_runtime_hooks_are_ignored() -> None:
    """A createRuntime hook that fails is ignored."""
    ignore_failures("createRuntime")


@mutant("runtime.lifecycle.hooks.createContainer.failure.error")
def failing_create_container_hooks_are_ignored() -> None:
    """A createContainer hook that fails is ignored."""
    ignore_failures("createContainer")


@mutant("runtime.lifecycle.hooks.startContainer.failure.error")
def failing_start_container_hooks_are_ignored() -> None:
    """A startContainer hook that fails is ignored."""
    ignore_failures("startContainer")


@mutant("runtime.lifecycle.hooks.poststart.failure.error", "runtime.lifecycle.hooks.poststart.failure.stopped")
def failing_poststart_hooks_are_a_warning() -> None:
    """A poststart hook that fails is a warning, as up to version 1.2.1."""
    ignore_failures("poststart")


@mutant("runtime.lifecycle.hooks.poststop.failure.warning", "runtime.lifecycle.hooks.poststop.failure.continues")
def failing_poststop_hooks_are_an_error() -> None:
    """A poststop hook that fails makes delete fail, and the hooks after it are not called."""
    from reference_runtime import execution, lifecycle

    def run_all(context: Any) -> None:
        for step in context.steps:
            if step.when == "delete":
                execution.perform(step, context)

    lifecycle.run_poststop_hooks = run_all


@mutant(
    "runtime.lifecycle.hooks.prestart.failure.destroyed",
    "runtime.lifecycle.hooks.createRuntime.failure.destroyed",
    "runtime.lifecycle.hooks.startContainer.failure.destroyed",
)
def no_poststop_hooks_after_a_failure() -> None:
    """When a hook has failed, the poststop hooks are not called."""
    from reference_runtime import lifecycle

    hooks = lifecycle.run_poststop_hooks
    delete = lifecycle.delete

    def delete_with_hooks(*arguments: Any, **keywords: Any) -> None:
        lifecycle.run_poststop_hooks = hooks
        delete(*arguments, **keywords)

    lifecycle.delete = delete_with_hooks
    lifecycle.run_poststop_hooks = lambda context: None


def _swap(earlier: str, later: str) -> None:
    def swap(steps: list[Step]) -> list[Step]:
        moved = [s for s in steps if s.arguments.get("kind") == earlier]
        rest = [s for s in steps if s not in moved]
        others = [i for i, s in enumerate(rest) if s.arguments.get("kind") == later]
        place = others[-1] + 1 if others else len(rest)
        return [*rest[:place], *moved, *rest[place:]] if others else steps

    transform_plan(swap)


def _edit_hooks(edit: Any) -> None:
    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "hooks.run":
                step.arguments["hook"] = edit(step.arguments["hook"])
        return steps

    transform_plan(change)


def _accept(keyword: str) -> None:
    """Have a keyword of the schema not apply below `hooks`."""
    from reference_runtime import validation

    original = validation.KEYWORDS[keyword]

    def lenient(validator: Any, argument: Any, value: Any, place: str) -> None:
        if not place.startswith("$.hooks"):
            original(validator, argument, value, place)

    validation.KEYWORDS[keyword] = lenient


def _found(hook: dict[str, Any]) -> str:
    import os

    path = next((entry[5:] for entry in hook.get("env", []) if entry.startswith("PATH=")), "")
    for directory in [*path.split(":"), os.getcwd()]:
        if os.path.exists(os.path.join(directory, hook["path"])):
            return os.path.join(directory, str(hook["path"]))
    return str(hook["path"])
