"""What is installed works: from a wheel, as an editable install, and in a checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Suite

CHECKOUT = Path(__file__).parents[2]

CHECK = "test_kill_without_a_signal_sends_term"

DATA = {
    "schemas": ("config.schema.json", "state.schema.json", "report.schema.json"),
    "bundles": ("base/config.json", "base/rootfs.toml", "probe/main.c", "probe/probe.h"),
    "expectations": ("runc.toml", "crun.toml", "runsc.toml"),
}

FIND = """
import json, os
from conformance import resources
print(json.dumps({name: resources.directory(name) for name in ("schemas", "bundles", "expectations")}))
"""

pytest.importorskip("hatchling", reason="hatchling, which builds the packages, is not installed")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution."""
    directory = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(directory), cwd=CHECKOUT)
    (path,) = directory.glob("*.tar.gz")
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    directory = tmp_path_factory.mktemp("wheel")
    words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(directory)]
    run(sys.executable, "-m", "pip", *words, str(CHECKOUT))
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is installed here, but for the project itself: nothing has to be downloaded."""
    directory = tmp_path_factory.mktemp("dependencies")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "oci_conform" not in entry.name and entry.suffix != ".pth":
            (directory / entry.name).symlink_to(entry)
    return directory


class Environment:
    """A virtual environment, with the dependencies and nothing else."""

    def __init__(self, path: Path, dependencies: Path) -> None:
        venv.create(path, with_pip=False, symlinks=True)
        self.scripts = path / "bin"
        self.python = str(self.scripts / "python")
        (self.packages,) = path.glob("lib/python*/site-packages")
        (self.packages / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")

    def install(self, *words: str) -> None:
        """Install what is named, from this machine."""
        pip = [sys.executable, "-m", "pip", "--quiet", "--python", self.python, "install"]
        run(*pip, "--no-deps", "--no-index", "--no-build-isolation", *words)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, dependencies: Path, wheel: Path) -> Environment:
    """An environment with the wheel."""
    environment = Environment(tmp_path_factory.mktemp("installed") / "venv", dependencies)
    environment.install(str(wheel))
    return environment


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory, dependencies: Path) -> Environment:
    """An environment with an editable install of the checkout."""
    pytest.importorskip("editables", reason="editables, which hatchling wants for this, is not installed")
    environment = Environment(tmp_path_factory.mktemp("editable") / "venv", dependencies)
    environment.install("--editable", str(CHECKOUT))
    return environment


def run(*words: str, cwd: Path | str = "/", env: dict[str, str] | None = None) -> str:
    """Run a command, which has to succeed; returns what it prints."""
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def demand_data(directories: dict[str, str]) -> None:
    for name, files in DATA.items():
        assert [file for file in files if not os.path.isfile(os.path.join(directories[name], file))] == []


def test_wheel_has_the_packages_and_their_data(wheel: Path) -> None:
    found = set(names(wheel))
    expected = {f"conformance/data/{name}/{file}" for name, files in DATA.items() for file in files}
    expected |= {
        str(path.relative_to(CHECKOUT))
        for package in ("conformance", "reference_runtime")
        for path in (CHECKOUT / package).rglob("*")
        if path.suffix in (".py", ".toml")
    }
    assert expected - found == set()


def test_wheel_has_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"conformance", "reference_runtime"}
    suffixes = {Path(name).suffix for name in names(wheel) if ".dist-info/" not in name}
    assert suffixes <= {".py", ".toml", ".json", ".c", ".h"}
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names(wheel))
    assert not any("/test_" in name and not name.startswith("conformance/checks/") for name in names(wheel))


def test_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(path).decode("utf-8")
        entry_points = archive.read(path.replace("METADATA", "entry_points.txt")).decode("utf-8")
        licence = archive.read(path.replace("METADATA", "licenses/LICENSE")).decode("utf-8")
    assert "\nName: oci-conform\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "Apache License" in licence
    for line in (
        "oci-conform = conformance.cli:main",
        "oci-reference-runtime = reference_runtime.cli:main",
        "oci-conform = conformance.plugin",
    ):
        assert line in entry_points


def test_wheel_of_the_source_distribution_is_the_same(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=source)
    (other,) = tmp_path.glob("*.whl")
    assert sorted(names(other)) == sorted(names(wheel))


def test_data_is_found_in_a_wheel(installed: Environment) -> None:
    found = json.loads(run(installed.python, "-c", FIND))
    demand_data(found)
    assert all(path.startswith(str(installed.packages / "conformance" / "data")) for path in found.values())


def test_data_is_found_in_an_editable_install(editable: Environment) -> None:
    found = json.loads(run(editable.python, "-c", FIND))
    demand_data(found)
    assert found == {name: str(CHECKOUT / name) for name in DATA}


def test_data_is_found_in_a_checkout(dependencies: Path) -> None:
    environment = {"PYTHONPATH": f"{CHECKOUT}:{dependencies}", "PATH": os.environ["PATH"]}
    found = json.loads(run(sys.executable, "-S", "-c", FIND, env=environment))
    demand_data(found)
    assert found == {name: str(CHECKOUT / name) for name in DATA}


def test_installation_without_data_is_said_to_be_one(installed: Environment, tmp_path: Path) -> None:
    script = "from conformance import resources; resources.directory('nothing')"
    done = subprocess.run([installed.python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "FileNotFoundError: this installation of oci-conform has no nothing/" in done.stderr


def test_commands_are_installed(installed: Environment) -> None:
    assert run(str(installed.scripts / "oci-conform"), "--version").startswith("oci-conform ")
    version = run(str(installed.scripts / "oci-reference-runtime"), "--version")
    assert version.startswith("oci-reference-runtime version ")


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_suite_runs_from_a_wheel_in_another_directory(suite: Suite, installed: Environment, workers: str) -> None:
    runtime = str(installed.scripts / "oci-reference-runtime")
    words = ["-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "conformance", f"--runtime={runtime}", "-k", CHECK]
    found = suite.call([installed.python, *words, "-n", workers, f"--conformance-report={suite.report}"])
    assert (found.status, found.outcomes) == (0, {f"runtime/test_kill.py::{CHECK}": "pass"}), found.output
    assert found.header["runtime"] == runtime


def test_command_runs_from_a_wheel_in_another_directory(suite: Suite, installed: Environment) -> None:
    command = str(installed.scripts / "oci-conform")
    words = ["run", f"--conformance-report={suite.report}", f"runtime/test_kill.py::{CHECK}"]
    found = suite.call([command, *words])
    assert (found.status, found.outcomes) == (0, {f"runtime/test_kill.py::{CHECK}": "pass"}), found.output
    assert found.header["runtime"] == "reference runtime (embedded)"


def test_shipped_expectations_are_found_by_name_in_a_wheel(suite: Suite, installed: Environment) -> None:
    words = ["run", "-n", "0", "--expectations=runc", "--collect-only", "-q", "runtime/test_kill.py"]
    assert suite.call([str(installed.scripts / "oci-conform"), *words]).status == 0


def test_suite_runs_in_a_checkout(suite: Suite) -> None:
    """Where the project's own configuration says what is collected."""
    words = ["-p", "no:cacheprovider", "-k", CHECK, f"--conformance-report={suite.report}"]
    found = suite.call([sys.executable, "-m", "pytest", *words], cwd=CHECKOUT)
    assert (found.status, found.outcomes) == (0, {f"runtime/test_kill.py::{CHECK}": "pass"}), found.output


def test_checks_are_known_by_the_same_names_everywhere(suite: Suite, installed: Environment) -> None:
    words = ["run", "--collect-only", "-q", "-p", "no:randomly"]
    here = suite.command(*words).stdout.splitlines()
    there = suite.call([str(installed.scripts / "oci-conform"), *words]).stdout.splitlines()
    assert [line for line in here if "::" in line] == [line for line in there if "::" in line] != []
