"""Each mutant of the reference runtime is caught by the checks of the requirements that it breaks.

By default one for each area; all of them with `-m all_mutants`, which takes long.
"""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.mutants import mutant
from conformance.requirements import register

if TYPE_CHECKING:
    from tests.conftest import Suite

MUTANTS = mutant.load()

REGISTER = register.load()

REPRESENTATIVES = (
    # state
    "created_is_reported_as_running",
    "no_pid",
    # create, start, kill, delete
    "start_reads_the_config_again",
    "kill_always_kills",
    "delete_of_a_running_container_is_accepted",
    "delete_leaves_the_cgroups",
    # hooks
    "hooks_are_reversed",
    "no_poststop_hooks",
    "create_container_hooks_in_the_runtime",
    "stdin_of_hooks_is_empty",
    "timeouts_abort_at_once",
    "failing_create_runtime_hooks_are_ignored",
    # devices, links, file systems
    "no_null",
    "links_are_swapped",
    "no_default_filesystems",
    # resources
    "tasks_are_not_limited",
    "reading_and_writing_are_one",
    # mounts
    "bind_mounts_have_no_options",
    # masked and read-only paths, root
    "nothing_is_masked",
    "nothing_is_readonly",
    "readonly_root_can_be_written",
    # the process
    "scheduler_is_ignored",
    # the features
    "namespaces_are_those_of_the_kernel",
    # the command line
    "a_descriptor_leaks",
    "pid_file_has_another_pid",
    # invalid values
    "invalid_values_are_dropped",
    # seccomp
    "killing_sends_a_signal",
)

# With these faults nothing can be run at all, which the preflight says before there is a check.
UNUSABLE = {
    "kill_sends_nothing": "expected the container process ends; ",
    "no_status": "expected the status becomes stopped; ",
    "program_is_not_the_configured_one": "expected the program reports 'ready'; ",
    "stdout_leads_nowhere": "expected the program reports 'ready'; ",
    "stopped_is_reported_as_running": "expected the status becomes stopped; ",
}

SURVIVORS = {
    "container_hooks_get_the_pid_of_the_host": "in a new pid namespace, it tells the right pid all the same",
    "create_runs_the_program": "its start waits for ever, so that the preflight ends the run",
    "root_is_changed_by_start": "it cannot start a container, for a reason that is not its fault's",
}

MODULES = sorted(path for path in Path(mutant.__file__).parent.glob("*.py") if path.stem in mutant.MODULES)


def demand_caught(suite: Suite, name: str) -> None:
    """The checks of the requirements that a mutant breaks find it."""
    program = mutant.write_program(name, suite.directory)
    words = [f"--requirement={requirement}" for requirement in MUTANTS[name].breaks]
    # What it breaks may be no more than a SHOULD.
    words += ["--compliance-level=may", "--runtime-timeout=3"]
    run = suite.run(f"--runtime={program}", "-n", "2", *words)
    if set(run.outcomes.values()) == {"skip"}:
        pytest.skip("the needs of the checks that would catch it are not met here")
    assert run.status == 1, run.output
    assert run.footer["verdict"] == "not conformant"
    broken = {identifier for identifier, record in run.requirements.items() if record["outcome"] == "fail"}
    assert broken & set(MUTANTS[name].breaks), run.output
    assert "error" not in run.outcomes.values(), run.output


def test_every_module_is_loaded() -> None:
    assert {path.stem for path in MODULES} == set(mutant.MODULES)
    assert {found.area for found in MUTANTS.values()} == set(mutant.MODULES)


def test_names_are_unique() -> None:
    """The last of two would be the only one."""
    names = [
        node.name
        for path in MODULES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and any("mutant" in ast.dump(item) for item in node.decorator_list)
    ]
    assert sorted(names) == sorted(MUTANTS)


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_breaks_what_there_is(name: str) -> None:
    found = MUTANTS[name]
    assert found.breaks
    assert [identifier for identifier in found.breaks if identifier not in REGISTER] == []
    assert [identifier for identifier in found.breaks if REGISTER[identifier].untestable] == []
    assert found.what.endswith(".")


def test_representatives_are_of_every_area() -> None:
    areas = {MUTANTS[name].area for name in REPRESENTATIVES}
    assert areas >= {"state", "operations", "hooks", "filesystem"}


def test_mutant_is_the_reference_runtime_but_for_its_fault(tmp_path: Path) -> None:
    program = mutant.write_program("kill_sends_nothing", tmp_path)
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("oci-reference-runtime version ")


def test_program_of_a_mutant_without_a_fault_is_conformant(suite: Suite) -> None:
    """What the mutants below are caught for is their fault, and not how they are started."""
    program = mutant.write_program("kill_sends_nothing", suite.directory)
    program.write_text(program.read_text(encoding="utf-8").replace("run('kill_sends_nothing')", WITHOUT_A_FAULT))
    words = ["--requirement=runtime.kill", "--requirement=runtime.state.id"]
    run = suite.run(f"--runtime={program}", "-n", "2", *words)
    assert (run.footer["verdict"], run.status) == ("conformant", 0), run.output


WITHOUT_A_FAULT = "from reference_runtime import cli\nraise SystemExit(cli.main())"


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_mutant_is_caught(suite: Suite, name: str) -> None:
    demand_caught(suite, name)


def others() -> list[Any]:
    """The parameters of all that are neither represented nor unusable."""
    return [
        pytest.param(name, marks=pytest.mark.xfail(reason=SURVIVORS[name], strict=True) if name in SURVIVORS else ())
        for name in MUTANTS
        if name not in (*REPRESENTATIVES, *UNUSABLE)
    ]


@pytest.mark.all_mutants
@pytest.mark.parametrize("name", others())
def test_every_other_mutant_is_caught(suite: Suite, name: str) -> None:
    demand_caught(suite, name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "stopped_is_reported_as_running" else pytest.mark.all_mutants)
        for name in UNUSABLE
    ],
)
def test_mutant_that_cannot_run_anything_is_caught_before_the_checks(suite: Suite, name: str) -> None:
    run = suite.run(f"--runtime={mutant.write_program(name, suite.directory)}", "--runtime-timeout=3")
    assert run.status == 3
    assert f"the runtime cannot run the simplest container here: {UNUSABLE[name]}" in run.output
