"""Mutants whose operations do too much, or too little."""

from __future__ import annotations

from conformance.mutants.mutant import changed, mutant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def swallow_errors(*commands: str) -> None:
    """Let commands end with status 0 whatever happened."""
    from reference_runtime import cli

    for name in commands:
        action = cli._ACTIONS[name]

        def swallowing(root: str, command: Any, action: Any = action) -> int:
            try:
                return int(action(root, command))
            except Exception:  # noqa: BLE001 - that is the fault
                return 0

        cli._ACTIONS[name] = swallowing


@mutant("runtime.start.not_created.error", "command_line.start.exit_status")
def start_reports_success_whatever_happened() -> None:
    """`start` exits with status 0 whatever happened."""
    swallow_errors("start")


@mutant("runtime.kill.not_running.error", "command_line.kill.exit_status")
def kill_reports_success_whatever_happened() -> None:
    """`kill` exits with status 0 whatever happened."""
    swallow_errors("kill")


@mutant("runtime.delete.not_stopped.error", "command_line.delete.exit_status")
def delete_reports_success_whatever_happened() -> None:
    """`delete` exits with status 0 whatever happened."""
    swallow_errors("delete")


@mutant("runtime.create.property_not_applicable", "command_line.create.exit_status")
def create_reports_success_whatever_happened() -> None:
    """`create` exits with status 0 whatever happened."""
    swallow_errors("create")


@mutant("runtime.state_operation.unknown_id", "command_line.state.exit_status")
def state_reports_success_whatever_happened() -> None:
    """`state` exits with status 0 whatever happened."""
    swallow_errors("state")


@mutant("runtime.start.runs_program", "runtime.lifecycle.program_run")
def program_is_not_the_configured_one() -> None:
    """start runs the program with other arguments."""
    changed("process.execute", arguments=["/probe", "facts", "--other"])


@mutant("runtime.lifecycle.program_not_run_by_create", "runtime.create.args_not_applied")
def create_runs_the_program() -> None:
    """create runs the program, and start finds nothing to do."""
    from reference_runtime import lifecycle

    create = lifecycle.create

    def create_and_start(*arguments: Any, **keywords: Any) -> Any:
        context = create(*arguments, **keywords)
        lifecycle._release(context)
        return context

    lifecycle.create = create_and_start


@mutant("runtime.lifecycle.config_updates_ignored")
def start_reads_the_config_again() -> None:
    """start, state and delete take annotations and hooks from config.json as it is by then."""
    import os

    from reference_runtime import config as configs
    from reference_runtime import host, plan
    from reference_runtime.state import StateDirectory

    def kept(self: StateDirectory) -> Any:
        recorded = self.recorded()
        config, _ = configs.load(recorded["bundle"], self.identifier)
        return plan.build(config, host.Host([]))

    recorded_of = StateDirectory.recorded

    def recorded(self: StateDirectory) -> Any:
        found = recorded_of(self)
        if os.path.exists(os.path.join(found["bundle"], "config.json")):
            config, _ = configs.load(found["bundle"], self.identifier)
            found["annotations"] = config.annotations
        return found

    StateDirectory.kept = kept  # type: ignore[method-assign]
    StateDirectory.recorded = recorded  # type: ignore[method-assign]


@mutant("runtime.create.duplicate_id", "runtime.create.rejected_id.no_container")
def duplicate_id_replaces_the_container() -> None:
    """create with an ID that is taken replaces what is known of the first container."""
    import os

    from reference_runtime.state import StateDirectory

    def make(self: StateDirectory) -> None:
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        if os.path.exists(self.file("exec.fifo")):
            os.unlink(self.file("exec.fifo"))
        self.lock()

    StateDirectory.make = make  # type: ignore[method-assign]


@mutant("runtime.create.invalid_id")
def id_is_taken_as_a_path() -> None:
    """An ID may be a path out of the state directory."""
    import os

    from reference_runtime.state import StateDirectory

    def begin(self: StateDirectory, root: str, identifier: str) -> None:
        self.identifier = identifier
        self.path = os.path.join(os.path.abspath(root), identifier.rstrip("/\n"))
        self.undo = []
        self._lock = -1

    StateDirectory.__init__ = begin  # type: ignore[method-assign]


@mutant("runtime.create.property_not_applicable.no_container", "runtime.errors.environment_unchanged")
def failed_create_leaves_everything() -> None:
    """A create that fails leaves what it made."""
    from reference_runtime import lifecycle

    lifecycle.destroy = lambda context, undo: None


@mutant("runtime.start.not_created.no_effect", "runtime.start.not_created.error")
def start_of_a_running_container_restarts_it() -> None:
    """start of a running container sends it a signal and reports success."""
    from reference_runtime import lifecycle

    start = lifecycle.start

    def restart(root: str, identifier: str) -> Any:
        if lifecycle.report(root, identifier)["status"] == "running":
            lifecycle.kill(root, identifier, 12)
            return None
        return start(root, identifier)

    lifecycle.start = restart


@mutant("runtime.start.no_process", "config.process.required_by_start")
def start_without_a_process_succeeds() -> None:
    """start of a container without a process does nothing, and reports success."""
    from reference_runtime import lifecycle
    from reference_runtime.errors import UsageError

    start = lifecycle.start

    def start_anyway(root: str, identifier: str) -> Any:
        try:
            return start(root, identifier)
        except UsageError:
            return None

    lifecycle.start = start_anyway


@mutant("runtime.kill.sends_signal")
def kill_always_kills() -> None:
    """Whatever the signal is, it is KILL."""
    _send(lambda number: 9)


@mutant("runtime.kill.sends_signal")
def kill_sends_nothing() -> None:
    """kill sends no signal."""
    _send(lambda number: 0)


@mutant("runtime.kill.sends_signal")
def kill_knows_a_few_signals_only() -> None:
    """Every signal but TERM and KILL is TERM."""
    _send(lambda number: number if number in (9, 15) else 15)


@mutant("command_line.kill.default")
def kill_kills_by_default() -> None:
    """Without a signal, kill sends KILL."""
    from reference_runtime import cli

    given = cli._ACTIONS["kill"]

    def kill(root: str, command: Any) -> int:
        if len(command.arguments) == 1:
            command.arguments.append("KILL")
        return int(given(root, command))

    cli._ACTIONS["kill"] = kill


@mutant("runtime.delete.not_stopped.no_effect", "runtime.delete.not_stopped.error")
def delete_of_a_running_container_is_accepted() -> None:
    """delete of a running container kills it and deletes it."""
    from reference_runtime import lifecycle

    delete = lifecycle.delete

    def delete_anyway(root: str, identifier: str, *, force: bool = False) -> None:
        delete(root, identifier, force=True)

    lifecycle.delete = delete_anyway


@mutant("runtime.delete.created_container")
def delete_of_a_created_container_is_accepted() -> None:
    """delete of a created container kills it and deletes it, as every known runtime does."""
    from reference_runtime import lifecycle

    delete = lifecycle.delete

    def delete_created(root: str, identifier: str, *, force: bool = False) -> None:
        created = lifecycle.report(root, identifier)["status"] == "created"
        delete(root, identifier, force=force or created)

    lifecycle.delete = delete_created


@mutant("runtime.delete.not_stopped.no_effect")
def refused_delete_kills() -> None:
    """delete of a running container is refused, after it has been killed."""
    from reference_runtime import lifecycle

    original = lifecycle._require

    def require(state: Any, recorded: Any, operation: str, *allowed: str) -> None:
        if operation == "delete" and state.status(recorded) == "running":
            lifecycle.kill(str(state.path).rpartition("/")[0], state.identifier, 9)
        original(state, recorded, operation, *allowed)

    lifecycle._require = require


@mutant("runtime.delete.removes_resources", "runtime.lifecycle.destroyed_by_undoing")
def delete_leaves_the_cgroups() -> None:
    """delete does not remove the cgroups."""
    from reference_runtime.cgroups import groups

    groups.remove = lambda context, path: None


@mutant("runtime.delete.removes_resources", "runtime.delete.id_reusable")
def delete_leaves_the_state_directory() -> None:
    """delete leaves a file in the state directory, and the ID taken."""
    import os

    from reference_runtime.state import StateDirectory

    def remove(self: StateDirectory) -> None:
        for name in os.listdir(self.path):
            if name != "plan":
                os.unlink(self.file(name))

    StateDirectory.remove = remove  # type: ignore[method-assign]


@mutant("runtime.delete.keeps_foreign_resources")
def delete_removes_the_config() -> None:
    """delete removes config.json of the bundle."""
    import os

    from reference_runtime import lifecycle

    destroy = lifecycle.destroy

    def destroy_more(context: Any, undo: Any) -> None:
        destroy(context, undo)
        path = os.path.join(context.config.bundle, "config.json")
        if os.path.exists(path):
            os.unlink(path)

    lifecycle.destroy = destroy_more


@mutant("command_line.create.pid_file")
def pid_file_has_another_pid() -> None:
    """The file of --pid-file has the ID of the runtime's process."""
    import os

    from reference_runtime import documents

    write = documents.write

    def write_own(path: str, content: bytes, mode: int = 0o600) -> None:
        write(path, str(os.getpid()).encode() if mode == 0o644 else content, mode)

    documents.write = write_own


@mutant("command_line.unknown_command")
def unknown_command_is_ignored() -> None:
    """An unknown command does nothing, and reports success."""
    import sys

    from reference_runtime import cli

    main = cli.main

    def main_or_nothing(words: list[str] | None = None) -> int:
        words = sys.argv[1:] if words is None else words
        return main(words) if set(words) & {*cli.COMMANDS, "--version"} else 0

    cli.main = main_or_nothing


@mutant("command_line.create.stdin")
def create_eats_stdin() -> None:
    """create reads its stdin, which is the program's."""
    import os

    from reference_runtime import init

    fork = init.fork

    def fork_after_reading(context: Any) -> None:
        os.read(0, 1 << 16)
        fork(context)

    init.fork = fork_after_reading


@mutant("command_line.create.stdout")
def stdout_leads_nowhere() -> None:
    """The program's stdout is /dev/null."""
    _redirect(1)


@mutant("command_line.create.stderr")
def stderr_leads_nowhere() -> None:
    """The program's stderr is /dev/null."""
    _redirect(2)


@mutant("runtime_linux.file_descriptors.standard_streams_only")
def a_descriptor_leaks() -> None:
    """The program inherits a descriptor of the runtime."""
    import os

    from reference_runtime import process

    execute = process.execute

    def execute_with_a_leak(context: Any, arguments: list[str], environment: list[str]) -> None:
        os.set_inheritable(os.open("/", os.O_RDONLY), True)
        execute(context, arguments, environment)

    process.execute = execute_with_a_leak


@mutant("runtime_linux.file_descriptors.standard_streams_only")
def descriptors_of_the_caller_are_handed_over() -> None:
    """The program inherits what the caller left open."""
    from reference_runtime import syscalls

    syscalls.close_on_exec_from = lambda first: None


@mutant("glossary.runtime")
def bundle_is_always_the_current_directory() -> None:
    """create reads the bundle in its working directory, whatever --bundle says."""
    import os

    from reference_runtime import config

    load = config.load
    config.load = lambda bundle, identifier: load(os.getcwd(), identifier)


def _send(translate: Any) -> None:
    from reference_runtime import lifecycle

    original = lifecycle.signal_process  # type: ignore[attr-defined]

    def send(pid: int, started: int | None, number: int, *, wait: bool = False) -> bool:
        return bool(original(pid, started, number if wait else translate(number), wait=wait))

    lifecycle.signal_process = send  # type: ignore[attr-defined]


def _redirect(stream: int) -> None:
    import os

    from reference_runtime import process

    execute = process.execute

    def execute_redirected(context: Any, arguments: list[str], environment: list[str]) -> None:
        os.dup2(os.open("/dev/null", os.O_WRONLY), stream)
        execute(context, arguments, environment)

    process.execute = execute_redirected
