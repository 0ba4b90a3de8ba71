"""One run of the suite: what all its checks share, set up once in the main process and handed to the workers."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import options, versions
from conformance.bundle import config as base_config
from conformance.bundle.builder import Bundle
from conformance.container import Container
from conformance.errors import BadFile, ConformanceError, InvalidUse, SetupError, UnknownName
from conformance.facts import probe
from conformance.host import host, needs
from conformance.host.traces import PREFIX
from conformance.lanes.lane import current
from conformance.leftovers import make_locked, remove_run
from conformance.report import reading
from conformance.requirements import register
from conformance.runtime.driver import Runtime, find
from conformance.runtime.preflight import Preflight, preflight
from conformance.verdict import expectations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from conformance.bundle.config import Document
    from conformance.host.host import Host
    from conformance.options import Options
    from conformance.requirements.register import Register

EXIT_USAGE, EXIT_SETUP, EXIT_INTERRUPTED = 2, 3, 130

KEY = pytest.StashKey["Session"]()


@dataclasses.dataclass
class Session:
    """The run of this process. `directory` is the run's, `worker` this process's name in it; `unmet` has the needs that
    are not met, with the reasons. The main process has a `lock`: while it is held, `oci-conform clean` leaves the run
    alone. `problem` is why the checks could not be collected, if so.
    """

    options: Options
    register: Register
    host: Host
    runtime: Runtime
    version: str
    spec_version: str
    version_source: str
    unmet: Mapping[str, str]
    directory: Path
    worker: str
    probe: Path
    lock: TextIO | None = None
    problem: str = ""
    containers: int = 0

    @property
    def name(self) -> str:
        """The run's name, which everything that it makes bears."""
        return self.directory.name

    def container(
        self,
        changes: Document,
        *,
        files: Mapping[str, str | None] | None = None,
        runtime: Runtime | None = None,
    ) -> Container:
        """A container with the base configuration and `changes`, in a fresh bundle with `files`; not created yet."""
        # All of one length, so that none is the beginning of another.
        number = f"{self.containers:05}"
        self.containers += 1
        identifier = f"{self.name}-{self.worker}-{number}"
        directory = self.directory / self.worker / number
        directory.mkdir(parents=True, mode=0o711)
        document = base_config.merge(base_config.base(), {"ociVersion": self.spec_version})
        if "cgroup" not in self.unmet:
            document["linux"]["cgroupsPath"] = f"/{identifier}"
        bundle = Bundle(directory / "bundle", base_config.merge(document, changes))
        bundle.make(self.probe, files or {})
        return Container((runtime or self.runtime).marked(identifier), bundle, identifier)


def configure(config: pytest.Config) -> None:
    """Set up the session, and register what runs the checks. Ends pytest with a message where that cannot be."""
    from conformance import collection, fixtures
    from conformance.report import plugin as report_plugin
    from conformance.report import sending
    from conformance.verdict import judge

    plugins = config.pluginmanager
    try:
        if hasattr(config, "workerinput"):
            session = _of_worker(config, config.workerinput)
            plugins.register(sending, "oci-conform-sending")
        else:
            session = begin(options.from_pytest(config), only_collects=config.option.collectonly)
            # The first of all, for it cleans up.
            plugins.register(MainProcess(session), "oci-conform-main")
            plugins.register(report_plugin.Reporting(config, session), "oci-conform-report")
    except SetupError as error:
        with contextlib.suppress(BadFile):
            report_plugin.write_setup_error(options.from_pytest(config), str(error))
        pytest.exit(str(error), returncode=EXIT_SETUP)
    except ConformanceError as error:
        pytest.exit(str(error), returncode=EXIT_USAGE)
    except KeyboardInterrupt:
        pytest.exit("interrupted", returncode=EXIT_INTERRUPTED)
    config.stash[KEY] = session
    plugins.register(collection.Collection(session), "oci-conform-collection")
    plugins.register(fixtures, "oci-conform-fixtures")
    plugins.register(judge.Judge(session), "oci-conform-judge")


class MainProcess:
    """What the main process does for the run as a whole."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what is known."""
        session = self.session
        node.workerinput["conformance"] = {
            "directory": str(session.directory),
            "argv": list(session.runtime.argv),
            "name": session.runtime.name,
            "root": session.runtime.root,
            "signal_option": session.runtime.signal_option,
            "version": session.version,
            "spec_version": session.spec_version,
            "version_source": session.version_source,
            "unmet": dict(session.unmet),
            "probe": str(session.probe),
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the problem that a worker had with the collection; they all have the same."""
        self.session.problem = getattr(node, "workeroutput", {}).get("conformance", self.session.problem)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Say the problem that the workers had."""
        if self.session.problem and config.getoption("numprocesses", default=None):
            terminalreporter.write_line(self.session.problem, red=True)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Remove what is left of the run, but for the bundles that are to be kept."""
        end(self.session)


def begin(chosen: Options, *, only_collects: bool = False) -> Session:
    """Begin a run: make its directory, and learn about the runtime, unless it only collects.

    Whoever calls it ends the run, with `end`. Raises `ConformanceError`.
    """
    registered = register.load()
    _check_names(chosen, registered)
    found_host = host.detect()
    directory = Path(tempfile.gettempdir()).resolve() / f"{PREFIX}{secrets.token_hex(4)}"
    runtime = find(chosen.runtime, chosen.runtime_arg, chosen.runtime_timeout).marked(directory.name)
    session = Session(
        options=chosen,
        register=registered,
        host=found_host,
        runtime=runtime,
        version="",
        spec_version=chosen.spec_version or versions.NEWEST,
        version_source="--spec-version",
        unmet=needs.unmet(found_host, {}),
        directory=directory,
        worker="main",
        probe=Path(),
    )
    if only_collects:
        return session
    session.probe = probe.compiled()
    session.lock = make_locked(directory)
    try:
        _fly(session)
    except BaseException:
        remove_run(session.name)
        raise
    return session


def end(session: Session) -> None:
    """Remove what is left of the run, but for the bundles that are to be kept."""
    if session.lock is None:
        return
    if not session.options.keep_bundles or not any(session.directory.glob("*/*/bundle")):
        remove_run(session.name)
    session.lock.close()


def _fly(session: Session) -> None:
    root = session.directory / "state"

    def make(runtime: Runtime, changes: Document) -> Container:
        return session.container(changes, runtime=runtime)

    learned: Preflight = preflight(session.runtime, root, session.options.spec_version, make)
    session.runtime = learned.runtime
    session.version = learned.version
    session.spec_version = learned.spec_version
    session.version_source = learned.version_source
    session.unmet = needs.unmet(session.host, learned.needs)
    # For `clean`, which asks the runtime to delete what a killed run has left.
    run = {"words": session.runtime.words, "root": session.runtime.root or "", "deadline": session.runtime.deadline}
    (session.directory / "run.json").write_text(json.dumps(run), encoding="utf-8")


def _of_worker(config: pytest.Config, workerinput: Mapping[str, Any]) -> Session:
    known = workerinput["conformance"]
    chosen = options.from_pytest(config)
    runtime = Runtime(
        known["name"],
        tuple(known["argv"]),
        chosen.runtime_arg,
        known["root"],
        chosen.runtime_timeout,
        signal_option=known["signal_option"],
    )
    return Session(
        options=chosen,
        register=register.load(),
        host=host.detect(),
        runtime=runtime,
        version=known["version"],
        spec_version=known["spec_version"],
        version_source=known["version_source"],
        unmet=known["unmet"],
        directory=Path(known["directory"]),
        worker=workerinput["workerid"],
        probe=Path(known["probe"]),
    )


def _check_names(chosen: Options, registered: Register) -> None:
    if chosen.spec_version and chosen.spec_version not in versions.KNOWN:
        raise InvalidUse(
            f"--spec-version: there are rules for {', '.join(versions.KNOWN)}, and not for {chosen.spec_version}"
        )
    for name in chosen.require_need:
        if name not in needs.NEEDS:
            raise UnknownName("need", name, where="--require-need")
    for name in chosen.skipped_in:
        reading.read(name)
    if chosen.expectations:
        expectations.load(chosen.expectations, registered)
    for prefix in chosen.requirement:
        if not any(identifier.startswith(prefix) for identifier in registered.requirements):
            raise UnknownName("requirement", prefix, registered.nearest(prefix), "--requirement")


def description(session: Session) -> list[str]:
    """The lines that say what is tested, on what, and by which rules."""
    from conformance import __version__

    return [
        f"oci-conform {__version__}, rules of runtime-spec {session.spec_version} ({session.version_source})",
        f"runtime: {' '.join([session.runtime.name, *session.runtime.arguments])}"
        + (f" ({session.version.splitlines()[0]})" if session.version else ""),
        f"{current()}: {session.host.description}",
    ]
