"""The probe: compiled once, and true. What it says of a process of this host agrees with what Python sees."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance import resources
from conformance.bundle.programs import calling
from conformance.errors import ProbeFault, ProbeNotBuilt
from conformance.facts import probe, reports
from conformance.facts.reports import Attempt, Attempts, Facts, Hook
from conformance.host import host, queues
from conformance.host.namespaces import private

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Suite


@pytest.fixture(scope="module")
def program() -> str:
    return str(probe.compiled())


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CC", raising=False)
    return tmp_path / "cache" / "oci-conform"


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in which the compiler, `cc`, notes each time that it is called."""
    called = tmp_path / "called"
    script = tmp_path / "compiler"
    script.write_text(f'#!/bin/sh\necho "$@" >> {called}\nexec cc "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    return called


def facts(program: str, *words: bytes | str, env: Mapping[bytes, bytes] | None = None, cwd: str = "/") -> Facts:
    """What the probe reports in mode `facts`."""
    done = subprocess.run([program, "facts", *words], env=env, cwd=cwd, stdout=subprocess.PIPE, check=True)
    return reports.only(done.stdout, Facts, "facts")


def attempts(program: str, *words: bytes | str) -> list[Attempt]:
    """What the probe reports in mode `try`."""
    done = subprocess.run([program, "try", *words], stdout=subprocess.PIPE, check=True)
    return reports.only(done.stdout, Attempts, "try").results


def test_probe_is_compiled_once(empty_cache: Path, compiler: Path) -> None:
    first = probe.compiled()
    assert first.parent == empty_cache
    assert os.access(first, os.X_OK)
    assert probe.compiled() == first
    assert len(compiler.read_text(encoding="utf-8").splitlines()) == 1
    assert sorted(os.listdir(empty_cache)) == ["lock", first.name]


def test_probe_is_static(program: str) -> None:
    assert b"INTERP" not in subprocess.run(["readelf", "-l", program], capture_output=True, check=True).stdout


def test_probe_of_another_compiler_is_another(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = probe.compiled()
    monkeypatch.setenv("CC", "cc -DOTHER='1 2'")
    assert probe.compiled() != first
    assert len(list(empty_cache.glob("probe-*"))) == 2


def test_probe_of_other_sources_is_another(empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = Path(resources.directory("bundles")) / "probe"
    copy = tmp_path / "bundles" / "probe"
    copy.mkdir(parents=True)
    for source in sources.glob("*.[ch]"):
        (copy / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(resources, "directory", lambda name: str(tmp_path / name))
    first = probe.compiled()
    with (copy / "main.c").open("a", encoding="utf-8") as file:
        file.write("/* changed */\n")
    assert probe.compiled() != first
    assert len(list(empty_cache.glob("probe-*"))) == 2


def test_runs_that_begin_together_compile_once(empty_cache: Path, compiler: Path) -> None:
    script = "from conformance.facts import probe; print(probe.compiled())"
    begun = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(4)]
    found = {process.communicate()[0] for process in begun}
    assert [process.returncode for process in begun] == [0] * 4
    assert len(found) == 1
    assert len(compiler.read_text(encoding="utf-8").splitlines()) == 1
    assert len(list(empty_cache.glob("probe-*"))) == 1


@pytest.mark.parametrize(
    ("compiler", "problem"),
    [
        ("no-such-compiler -O2", "there is no no-such-compiler in PATH"),
        ("false", "cannot compile the probe with `false "),
        ("true", "No such file or directory"),
        ("'", "$CC: No closing quotation"),
        (" ", "there is no compiler in PATH"),
    ],
)
@pytest.mark.usefixtures("empty_cache")
def test_compiler_that_does_not_compile(monkeypatch: pytest.MonkeyPatch, compiler: str, problem: str) -> None:
    monkeypatch.setenv("CC", compiler)
    with pytest.raises(ProbeNotBuilt) as caught:
        probe.compiled()
    assert problem in str(caught.value)
    assert "apt-get install gcc libc6-dev" in str(caught.value)


def test_probe_that_was_not_compiled_is_not_kept(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "cc -DPROBE='#error' -include /nonexistent.h")
    with pytest.raises(ProbeNotBuilt, match=r"/nonexistent\.h: No such file"):
        probe.compiled()
    assert list(empty_cache.glob("probe-*")) == []


def test_empty_cc_is_the_default(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "")
    assert probe.compiled().parent == empty_cache


def test_cache_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ProbeNotBuilt, match="Not a directory"):
        probe.compiled()


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_run_without_a_compiler_ends_with_one_message(suite: Suite, workers: str) -> None:
    environment = {"CC": "no-such-compiler", "XDG_CACHE_HOME": str(suite.directory)}
    run = suite.run("-n", workers, env=environment)
    assert run.status == 3
    assert run.output == (
        "Exit: cannot compile the probe with `no-such-compiler -std=c11 -O2 -static -Wall -Wextra ...`: "
        "there is no no-such-compiler in PATH\n"
        "Install a C compiler and a static C library (Debian, Ubuntu: apt-get install gcc libc6-dev), "
        "or name another compiler in $CC.\n"
    )
    assert suite.left == []


def test_usage_of_the_probe(program: str) -> None:
    for words in ([], ["nothing"]):
        done = subprocess.run([program, *words], capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"usage: ")


def test_ids_and_groups(program: str) -> None:
    found = facts(program)
    assert (found.uids, found.gids) == (os.getresuid(), os.getresgid())
    assert sorted(found.groups) == sorted(os.getgroups())


def test_ids_and_groups_of_another_user(program: str, suite: Suite) -> None:
    # The cache may be where only its owner can go.
    words = [shutil.copy(program, suite.work), "facts"]
    done = subprocess.run(
        words, user=1234, group=2345, extra_groups=[7, 65534, 100000], stdout=subprocess.PIPE, check=True
    )
    found = reports.only(done.stdout, Facts, "facts")
    assert (found.uids, found.gids, sorted(found.groups)) == ((1234,) * 3, (2345,) * 3, [7, 65534, 100000])
    assert found.capability_sets["effective"] == set()


def test_umask(program: str) -> None:
    done = subprocess.run([program, "facts"], umask=0o137, stdout=subprocess.PIPE, check=True)
    assert reports.only(done.stdout, Facts, "facts").umask == 0o137


def test_process(program: str) -> None:
    process = subprocess.Popen([program, "facts"], stdout=subprocess.PIPE, start_new_session=True)
    found = reports.only(process.communicate()[0], Facts, "facts")
    assert (found.pid, found.ppid, found.session) == (process.pid, os.getpid(), process.pid)
    assert found.executable == program


def test_names(program: str) -> None:
    found = facts(program)
    assert found.hostname == socket.gethostname()
    assert found.domainname == Path("/proc/sys/kernel/domainname").read_text(encoding="utf-8").strip()


def test_limits(program: str) -> None:
    largest = (1 << 64) - 1
    expected = {
        name: tuple(largest if value == resource.RLIM_INFINITY else value for value in resource.getrlimit(number))
        for name, number in vars(resource).items()
        if name.startswith("RLIMIT_") and name not in ("RLIMIT_OFILE", "RLIMIT_VMEM")
    }
    found = facts(program).limits
    assert {name: found[name] for name in expected} == expected


def test_limit_that_is_changed(program: str) -> None:
    command = f"ulimit -S -n 77; exec {program} facts"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=True)
    assert reports.only(done.stdout, Facts, "facts").limits["RLIMIT_NOFILE"][0] == 77


def test_capabilities(program: str) -> None:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    names = {"CapInh": "inheritable", "CapPrm": "permitted", "CapEff": "effective", "CapBnd": "bounding"}
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    found = facts(program)
    # A root's program gets all of the bounding set.
    assert {name: f"{found.capabilities[name]:016x}" for name in names.values()} == {
        "inheritable": lines["CapInh"],
        "permitted": lines["CapBnd"],
        "effective": lines["CapBnd"],
        "bounding": lines["CapBnd"],
    }
    assert found.no_new_privileges is (lines["NoNewPrivs"] == "1")


def test_working_directory(program: str, tmp_path: Path) -> None:
    assert facts(program, cwd=str(tmp_path)).cwd == str(tmp_path)


@pytest.mark.parametrize("name", [b"caf\xc3\xa9", b"caf\xe9", b"\xf0\x9f\x98\x80", b'"\\\n\x01\x7f', b"\xed\xa0\x80"])
def test_working_directory_of_any_name(program: str, tmp_path: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(path)
    assert os.fsencode(str(facts(program, cwd=os.fsdecode(path)).cwd)) == path


NAMES = st.binary(min_size=1).map(lambda text: text.replace(b"\0", b"0").replace(b"=", b"-"))
VALUES = st.binary().map(lambda text: text.replace(b"\0", b"0"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(environment=st.dictionaries(NAMES, VALUES), words=st.lists(VALUES))
def test_environment_and_arguments_of_any_bytes(
    program: str, environment: dict[bytes, bytes], words: list[bytes]
) -> None:
    found = facts(program, *words, env=environment)
    assert [os.fsencode(entry) for entry in found.argv] == [program.encode(), b"facts", *words]
    given_ = sorted(name + b"=" + value for name, value in environment.items())
    assert sorted(os.fsencode(entry) for entry in found.environ) == given_


def test_namespaces(program: str) -> None:
    expected = {
        name: os.readlink(f"/proc/self/ns/{name}")
        for name in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
        if os.path.exists(f"/proc/self/ns/{name}")
    }
    assert {name: link for name, link in facts(program).namespaces.items() if link} == expected


def test_open_files(program: str, tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        words = [program, "facts"]
        done = subprocess.run(words, stdout=subprocess.PIPE, pass_fds=(file.fileno(),), check=True)
        descriptors = reports.only(done.stdout, Facts, "facts").descriptors
        assert descriptors is not None
        assert descriptors.keys() == {0, 1, 2, file.fileno()}
        assert descriptors[file.fileno()] == str(tmp_path / "file")


def test_clocks(program: str) -> None:
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    found = facts(program).clocks
    assert before <= found["boottime"] <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert found.keys() == {"realtime", "monotonic", "boottime"}


def test_scheduling(program: str) -> None:
    done = subprocess.run(["nice", "-n", "3", program, "facts"], stdout=subprocess.PIPE, check=True)
    found = reports.only(done.stdout, Facts, "facts").scheduling
    assert found["nice"] == os.getpriority(os.PRIO_PROCESS, 0) + 3
    assert found["policy"] == os.sched_getscheduler(0)
    assert found["cpus"] == sorted(os.sched_getaffinity(0))
    assert (found["memory_policy"], found["memory_nodes"]) == (0, [])
    assert "io_priority_of_child" not in found


def test_scheduling_of_a_child(program: str) -> None:
    done = subprocess.run(
        ["ionice", "--class=best-effort", "--classdata=3", program, "facts", "--fork=yes"],
        stdout=subprocess.PIPE,
        check=True,
    )
    found = reports.only(done.stdout, Facts, "facts").scheduling
    assert (found["io_priority"], found["io_priority_of_child"]) == (2 << 13 | 3,) * 2


def test_execution_domain(program: str) -> None:
    done = subprocess.run(["setarch", "linux32", program, "facts"], stdout=subprocess.PIPE, check=True)
    found = reports.only(done.stdout, Facts, "facts")
    assert found.scheduling["personality"] == 8
    assert facts(program).machine == os.uname().machine != found.machine


def test_files_and_mounts(program: str) -> None:
    found = facts(program)
    root = os.stat("/")
    assert found.root.identity == (root.st_dev, root.st_ino)
    proc = found.mount("/proc")
    assert proc is not None
    assert proc.type == "proc"
    assert found.mount("/no-such-mount") is None
    assert found.text("/proc/self/cgroup") == Path("/proc/self/cgroup").read_text(encoding="utf-8")
    with pytest.raises(ProbeFault, match="/proc/self/nothing"):
        found.text("/proc/self/nothing")


def test_exit_status_is_the_one_that_is_wanted(program: str) -> None:
    assert subprocess.run([program, "facts", "--status=23"], stdout=subprocess.DEVNULL, check=False).returncode == 23


def test_report_that_cannot_be_written_is_no_success(program: str) -> None:
    with open("/dev/full", "w") as full:
        assert subprocess.run([program, "facts"], stdout=full, check=False).returncode == 124


def test_results_of_attempts(program: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content \xff")
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to("file")
    path = str(tmp_path)
    operations = [
        ["read", f"{path}/file"],
        ["read", f"{path}/nothing"],
        ["list", path],
        ["readlink", f"{path}/link"],
        ["write", f"{path}/file", "more"],
        ["create", f"{path}/file"],
        ["mkdir", f"{path}/new"],
        ["rmdir", f"{path}/new"],
        ["unlink", f"{path}/directory"],
        ["rename", f"{path}/file", f"{path}/renamed"],
        ["symlink", "target", f"{path}/another"],
        ["chmod", f"{path}/renamed", "640"],
        ["truncate", f"{path}/renamed", "3"],
        ["fly", f"{path}/renamed"],
    ]
    words = [word for operation in operations for word in (",", *operation)][1:]
    results = attempts(program, *words)
    assert [result.operation for result in results] == operations
    assert [result.error for result in results] == [
        "", "ENOENT", "", "", "", "EEXIST", "", "", "EISDIR", "", "", "", "", errno.errorcode[errno.ENOTSUP],
    ]  # fmt: skip
    assert os.fsencode(str(results[0].content)) == b"content \xff"
    assert sorted(results[2].names or ()) == ["directory", "file", "link"]
    assert results[3].content == "file"
    assert (tmp_path / "renamed").read_bytes() == b"mor"
    assert stat.S_IMODE((tmp_path / "renamed").stat().st_mode) == 0o640


def test_status_of_a_file(program: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/null")
    followed, itself, device = attempts(
        program, "stat", f"{tmp_path}/link", ",", "lstat", f"{tmp_path}/link", ",", "stat", "/dev/full"
    )
    assert (followed.status.type, followed.status.major, followed.status.minor) == ("character device", 1, 3)
    assert itself.status.type == "link"
    seen = os.stat("/dev/full")
    assert device.status.identity == (seen.st_dev, seen.st_ino)
    assert (device.status.mode, device.status.uid, device.status.gid) == (
        stat.S_IMODE(seen.st_mode),
        seen.st_uid,
        seen.st_gid,
    )


def test_network_devices(program: str) -> None:
    names, loopback, missing = attempts(program, "links", ",", "link", "lo", ",", "link", "missing0")
    assert sorted(names.names or []) == sorted(name for _, name in socket.if_nameindex())
    assert loopback.link.mtu == int(Path("/sys/class/net/lo/mtu").read_text(encoding="ascii"))
    assert loopback.link.hardware_address == "00:00:00:00:00:00"
    assert missing.error == "ENODEV"


def test_addresses_are_those_of_a_device_whatever_their_label(program: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: it makes network devices")
    from pyroute2 import IPRoute

    with private("net"), IPRoute() as network:
        network.link("add", ifname="one0", kind="veth", peer="other0")
        (index,) = network.link_lookup(ifname="one0")
        network.addr("add", index=index, address="192.0.2.7/24", label="one0:label")
        network.addr("add", index=index, address="2001:db8::7/64")
        one, other = attempts(program, "link", "one0", ",", "link", "other0")
    assert (one.link.up, one.link.addresses) == (False, ["192.0.2.7/24", "2001:db8::7/64"])
    assert other.link.addresses == []


def test_ports(program: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = ["connect", str(server.getsockname()[1])]
        assert attempts(program, *words)[0].ok
    assert attempts(program, *words)[0].error == "ECONNREFUSED"


@pytest.mark.parametrize("kind", ["message-queue", "mqueue"])
def test_message_queues(program: str, kind: str) -> None:
    key = os.getpid()
    name = {"message-queue": f"{key}", "mqueue": f"/test-{key}"}[kind]
    with queues.system_v(key) if kind == "message-queue" else queues.posix(name):
        assert attempts(program, kind, name)[0].ok
    assert attempts(program, kind, name)[0].error == "ENOENT"


def test_names_by_attempts(program: str) -> None:
    hostname, domainname = attempts(program, "hostname", ",", "domainname")
    assert hostname.content == os.uname().nodename
    assert domainname.content == Path("/proc/sys/kernel/domainname").read_text(encoding="utf-8").strip()


def test_attempts_as_another_user(program: str, tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o600)
    tmp_path.chmod(0o755)
    (result,) = attempts(program, "--user=1234", "read", f"{tmp_path}/secret")
    assert result.error == "EACCES"


def test_attempt_to_execute_a_copy(program: str, tmp_path: Path) -> None:
    copy, data = f"{tmp_path}/copy", f"{tmp_path}/data"
    tmp_path.chmod(0o755)
    (tmp_path / "data").touch(mode=0o644)
    user = str(os.geteuid())
    words = ["copy", program, copy, ",", "exec", copy, user, ",", "exec", data, user, ",", "copy", program, copy]
    copied, executed, refused, again = attempts(program, *words)
    assert (copied.error, executed.error, executed.content) == ("", "", user)
    assert (refused.error, again.error) == ("EACCES", "EEXIST")
    assert Path(copy).read_bytes() == Path(program).read_bytes()


def test_attempt_to_access_a_file(program: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content", encoding="ascii")
    # Whatever the options of the mount are, the time of the last access was set before.
    (result,) = attempts(program, "access", f"{tmp_path}/file", "1000")
    age = time.time() - (tmp_path / "file").stat().st_atime
    assert result.content == ("kept" if age > 900 else "updated")
    (result,) = attempts(program, "access", f"{tmp_path}/nothing", "1000")
    assert result.error == "ENOENT"


def test_fork_says_how_many_children_there_could_be(program: str) -> None:
    (attempt,) = attempts(program, "fork", "7")
    assert (attempt.ok, attempt.count) == (True, 7)


def test_allocate_says_what_ended_the_child(program: str) -> None:
    (attempt,) = attempts(program, "allocate", "4096")
    assert (attempt.ok, attempt.signal) == (True, 0)
    limit = (1 << 26, 1 << 26)
    done = subprocess.run(
        [program, "try", "allocate", str(1 << 27)],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit),
    )
    (attempt,) = reports.only(done.stdout, Attempts, "try").results
    assert (attempt.error, attempt.signal) == ("ENOMEM", 0)


def test_hold_reports_signals_and_ends_at_one(program: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = [program, "hold", f"--exit-on={signal.SIGTERM:d}", "--status=9", f"--log={log}", "--name=holder"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        (ready,) = reports.lines(process.stdout.readline())
        assert (ready["probe"], ready["pid"]) == ("ready", process.pid)
        for number in (signal.SIGUSR1, signal.SIGRTMIN, signal.SIGTERM):
            process.send_signal(number)
            (seen,) = reports.lines(process.stdout.readline())
            assert (seen["probe"], seen["signal"]) == ("signal", number)
        assert process.wait() == 9
    assert [entry["name"] for entry in reports.lines(log.read_bytes())] == ["holder"]


def test_hook_notes_what_it_is_given(program: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = ["zero", "hook", f"--log={log}", "--name=one", "--status=4"]
    text = '{"pid": 1, "bundle": "/caf\u00e9"}'
    done = subprocess.run(
        words, executable=program, input=text.encode(), env={"A": "B"}, cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (4, b"", b"")
    begun, ended = reports.lines(log.read_bytes())
    hook = reports.decode(begun, Hook)
    assert (hook.name, hook.stdin, hook.stdin_ended, hook.argv, hook.environ) == ("one", text, True, words, ["A=B"])
    assert hook.state == {"pid": 1, "bundle": "/caf\u00e9"}
    assert hook.cwd == str(tmp_path)
    assert (ended["probe"], ended["name"]) == ("hook-end", "one")


def test_hook_looks_at_the_process_of_the_state(program: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    text = json.dumps({"pid": os.getpid()})
    words = [program, "hook", f"--log={log}", "--name=one", "--inspect=yes"]
    subprocess.run(words, input=text.encode(), check=True)
    process = reports.decode(reports.lines(log.read_bytes())[0], Hook).process
    assert process is not None
    assert process.pid == str(os.getpid())
    assert process.namespaces["mnt"] == os.readlink("/proc/self/ns/mnt")
    assert process.cmdline.content == Path("/proc/self/cmdline").read_bytes().decode()


def test_hook_waits_until_it_may_go_on(program: str, tmp_path: Path) -> None:
    log, fifo = tmp_path / "log", tmp_path / "fifo"
    os.mkfifo(fifo)
    words = [program, "hook", f"--log={log}", "--name=one", f"--wait={fifo}"]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
        with fifo.open("w") as file:
            # Its first report comes before it opens the FIFO.
            assert [entry["probe"] for entry in reports.lines(log.read_bytes())] == ["hook"]
            file.write(".")
        assert process.wait() == 0
    assert [entry["probe"] for entry in reports.lines(log.read_bytes())] == ["hook", "hook-end"]


def test_reports_of_processes_at_the_same_time_do_not_mix(program: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = [program, "hook", f"--log={log}", "--name=one", "x" * 10000]
    begun = [subprocess.Popen(words, stdin=subprocess.DEVNULL) for _ in range(8)]
    assert [process.wait() for process in begun] == [0] * 8
    assert len(reports.lines(log.read_bytes())) == 16


COMPLETE = b'{"probe":"facts","end":true}\n'


def test_reports_are_found_among_other_output() -> None:
    content = b"warning: something\n" + COMPLETE + b'\nnoise {"probe":"ready","end":true}\n{"else": 1}\n'
    assert [report["probe"] for report in reports.lines(content)] == ["facts", "ready"]


def test_report_that_is_cut_off_is_a_fault(program: str) -> None:
    whole = subprocess.run([program, "facts"], stdout=subprocess.PIPE, check=True).stdout
    start = len(b'{"probe":')
    for length in {*range(start, len(whole) - 1, 997), len(whole) - 2}:
        with pytest.raises(ProbeFault, match="cut off"):
            reports.lines(whole[:length])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "0 times"),
        (b"Segmentation fault\n", "0 times"),
        (COMPLETE * 2, "2 times"),
        (COMPLETE, "not as it should be"),
        (b'{"probe":"facts"}', "has no end"),
        (b'{"probe":"facts","end":"true"}', "has no end"),
        (b'{"probe":"ready","end":true}', "0 times"),
    ],
)
def test_report_that_is_missing_is_a_fault(content: bytes, problem: str) -> None:
    with pytest.raises(ProbeFault, match=problem):
        reports.only(content, Facts, "facts")


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_report_that_is_cut_off_is_an_error_and_no_verdict(suite: Suite, workers: str) -> None:
    checks = (
        "from conformance import requirement\n\n"
        "@requirement('runtime.state.id.present')\n"
        "def test_it(container):\n"
        "    one = container()\n"
        "    one.create().start().wait_for_output_end()\n"
        "    assert one.facts_in(bytes(one.stdout.content)[:-20]).pid\n"
    )
    run = suite.run_checks({"test_all.py": checks}, "-n", workers)
    assert run.outcomes == {"test_all.py::test_it": "error"}
    assert "cut off" in run.checks["test_all.py::test_it"]["message"]
    assert (run.footer["verdict"], run.status) == ("error", 3)


def test_program_that_reports_nothing_is_an_error_and_no_verdict(suite: Suite) -> None:
    script = '[ "$2" = create ] && sed -i \'s/"facts"/"nothing"/\' "$4/config.json"\nexec $REFERENCE "$@"'
    runtime = suite.runtime(script)
    run = suite.run("-n", "0", f"--runtime={runtime}", "-k", "test_hostname_is_as_configured")
    assert set(run.outcomes.values()) == {"error"}
    assert all("the probe reported 'facts' 0 times" in record["message"] for record in run.checks.values())
    assert run.status == 3


@pytest.mark.parametrize("how", ["call", "in-process", "in-thread", "traced"])
def test_system_call_without_a_filter(program: str, how: str) -> None:
    (found,) = attempts(program, *calling("umask", 0o22, how=how))
    assert (found.error, found.signal, found.message) == ("", 0, None)
    assert found.exit_status == (-1 if how == "call" else 0)


def test_system_call_that_fails(program: str) -> None:
    (found,) = attempts(program, *calling("getpriority", 99))
    assert found.error == "EINVAL"


def test_system_call_that_is_not_known(program: str) -> None:
    (found,) = attempts(program, *calling("no-such-call"))
    assert found.error == "ENOTSUP"


@pytest.mark.skipif("kernel.x86_32" not in host.detect().abilities, reason="needs kernel.x86_32")
def test_system_call_of_another_architecture(program: str) -> None:
    getpid, unknown = attempts(program, "call32", "20", "0", ",", "call32", "9999", "0")
    assert (getpid.signal, getpid.exit_status) == (0, 0)
    assert (unknown.signal, unknown.exit_status) == (0, errno.ENOSYS)
