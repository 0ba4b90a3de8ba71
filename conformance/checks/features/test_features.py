"""The features structure of a runtime: what it says of itself has to be so, whatever the host is like."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement, versions
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import Hook
from conformance.facts.features import SAID, names, some_names, value
from conformance.host import other_host
from conformance.runtime.preflight import NO_VERSION
from conformance.validation import validate
from conformance.validation.mount_options import BIND, KNOWN, MAPPED
from conformance.verdict.findings import Advisory, Finding, Unobservable
from conformance.verdict.refusal import refused_among

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.facts.features import Features
    from conformance.fixtures import MakeContainer
    from conformance.session import Session

pytestmark = needs("features")

KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")

FORM = (
    "features.form",
    "features.oci_version_min.required",
    "features.oci_version_max.required",
    "features.oci_versions.semver",
    "features.oci_version_max.order",
    "features.properties.defined",
    "features.hooks.form",
    "features.mount_options.form",
    "features.mount_options.generic",
    "features.linux.form",
    "features.annotations.form",
    "features.annotations.convention",
    "features.annotations.reverse_domain",
    "features.unsafe_annotations.form",
    "features_linux.namespaces.form",
    "features_linux.capabilities.form",
    "features_linux.cgroup.form",
    "features_linux.seccomp.form",
    "features_linux.seccomp.supported_flags.known",
    "features_linux.apparmor.form",
    "features_linux.selinux.form",
    "features_linux.memory_policy.form",
    "features_linux.intel_rdt.form",
    "features_linux.intel_rdt.schemata.form",
    "features_linux.intel_rdt.monitoring.form",
    "features_linux.mount_extensions.form",
    "features_linux.net_devices.form",
)

IRRELEVANT_HOST = {
    "features_linux.namespaces.host": ("linux", "namespaces"),
    "features_linux.capabilities.host": ("linux", "capabilities"),
    "features_linux.cgroup.host": ("linux", "cgroup"),
    "features_linux.seccomp.host": ("linux", "seccomp"),
    "features_linux.apparmor.host": ("linux", "apparmor"),
    "features_linux.selinux.host": ("linux", "selinux"),
    "features_linux.memory_policy.host": ("linux", "memoryPolicy"),
    "features_linux.intel_rdt.host": ("linux", "intelRdt"),
}

# Before 1.0.0, there was none of the versions that the suite has rules for.
EARLIER = ("0.5.0", *versions.KNOWN)

# The filesystem gets what the runtime does not recognize, and a tmpfs knows these as well as mount(2) does.
KNOWN_TO_FILESYSTEMS = ("ro", "rw", "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand")

# What the kernels of some hosts refuse, or what makes sense with other properties of a mount only.
OF_SOME_HOSTS = ("mand", *MAPPED)

# What features.md has in its example, and config.md not in its table.
IN_THE_EXAMPLE = ("acl", "noacl", "rnodev")

OF_NOBODY = "of-nobody"

# Annotations that some runtime is known to obey, and to which another has no reason to pay attention.
OBEYED_BY_SOME = ("run.oci.hooks.stdout", "run.oci.hooks.stderr")


def each(*identifiers: str) -> list[Any]:
    """A parameter for each requirement, which it carries."""
    return [pytest.param(identifier, marks=requirement(identifier), id=identifier) for identifier in identifiers]


def on_another_host(container: Container, session: Session) -> Features:
    """The features that the runtime tells on what looks like another host."""
    runtime = container.runtime
    argv = other_host.words(runtime.argv, cgroup_mode=session.host.cgroup_mode)
    container.runtime = dataclasses.replace(runtime, argv=argv)
    return container.features()


def without_order(found: Any) -> Any:
    """A value, in which the order of lists does not count: all of them are sets."""
    if isinstance(found, dict):
        return {name: without_order(inner) for name, inner in found.items()}
    return sorted(map(without_order, found), key=repr) if isinstance(found, list) else found


def but_for_the_kernels(features: Features) -> Any:
    """Features, without the one list that may be shorter for the sake of the kernel."""
    compared = without_order(features)
    if isinstance(value(features, "linux", "seccomp"), dict):
        compared["linux"]["seccomp"].pop("supportedFlags", None)
    return compared


@pytest.mark.parametrize("identifier", each(*FORM))
def test_features_have_their_form(container: MakeContainer, identifier: str) -> None:
    one = container()
    # What is no JSON has no form either; where that is, the validator tells of nothing else.
    one.features()
    report = validate(one.invocations[-1].stdout, kind="features")
    found = [finding for finding in report.findings if identifier in finding.requirements]
    assert not found, "; ".join(finding.sentence for finding in found)


@requirement("features.fixed")
def test_features_are_the_same_on_another_host(container: MakeContainer, conformance_session: Session) -> None:
    one = container()
    here = but_for_the_kernels(one.features())
    assert but_for_the_kernels(one.features()) == here
    assert but_for_the_kernels(on_another_host(one, conformance_session)) == here


@pytest.mark.parametrize("identifier", each(*IRRELEVANT_HOST))
def test_feature_does_not_depend_on_the_host(
    container: MakeContainer, conformance_session: Session, identifier: str
) -> None:
    path = IRRELEVANT_HOST[identifier]
    one = container()
    here = value(but_for_the_kernels(one.features()), *path)
    there = value(but_for_the_kernels(on_another_host(one, conformance_session)), *path)
    if here is None and there is None:
        raise Unobservable(SAID, f"the features do not have `{'.'.join(path)}`")
    assert there == here


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ociVersionMin", marks=requirement("features.oci_version_min.accepted")),
        pytest.param("ociVersionMax", marks=requirement("features.oci_version_max.accepted")),
    ],
)
def test_config_with_a_recognized_version_is_accepted(container: MakeContainer, name: str) -> None:
    one = container()
    version = one.features().get(name)
    one.configure(ociVersion=version)
    assert one.create().status == "created"


@requirement("features.oci_version_min.lowest")
def test_version_below_the_lowest_is_not_recognized(container: MakeContainer) -> None:
    one = container()
    lowest = one.features().get("ociVersionMin")
    if not isinstance(lowest, str):
        raise Finding("the lowest version is a string", f"it is {lowest!r}")
    earlier = next((known for known in reversed(EARLIER) if versions.key(known) < versions.key(lowest)), None)
    if earlier is None:
        raise Unobservable(SAID, f"there is no version below {lowest}")
    one.configure(ociVersion=earlier)
    if one.attempt_create().ok:
        expected, actual = f"{lowest} is the lowest version", f"a config of version {earlier} is accepted"
        other = container(ociVersion=NO_VERSION)
        # What is accepted without a look is not recognized either; that is another requirement's.
        kind = Advisory if other.attempt_create().ok else Finding
        raise kind(expected, actual)


@requirement("features.hooks.supported")
def test_hooks_that_are_listed_are_called(container: MakeContainer) -> None:
    listed = some_names(container().features(), "hooks")
    one = container(hooks={kind: [Hook(kind)] for kind in KINDS if kind in listed})
    one.run().delete()
    # In which order they are called is not this requirement's.
    assert sorted(one.ran()) == sorted(set(KINDS) & set(listed))


@requirement("glossary.features_document")
def test_hooks_that_are_called_are_listed(container: MakeContainer) -> None:
    listed = names(container().features(), "hooks")
    one = container(hooks={kind: [Hook(kind)] for kind in KINDS})
    if one.attempt_create().ok and one.attempt("start").ok:
        one.wait().delete()
    assert [kind for kind in one.ran() if kind not in listed] == []


def trials(options: list[str]) -> list[dict[str, Any]]:
    """Mounts with an option each, in a directory of its name."""
    mounts: list[dict[str, Any]] = []
    for option in options:
        mount = {"destination": f"/tried/{option}", "type": "tmpfs", "source": "tmpfs"}
        if option in BIND:
            mount |= {"type": "none", "source": "rootfs"}
        elif option == "remount":
            mounts.append(mount)
        mounts.append({**mount, "options": [option]})
    return mounts


def refused(container: MakeContainer, options: list[str]) -> list[str]:
    """Those of some mount options with which a filesystem cannot be mounted."""
    return refused_among(options, lambda some: container(mounts=mounts_with(*trials(some))).attempt_create())


@requirement("features.mount_options.recognized")
def test_mount_options_that_are_listed_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "mountOptions")
    tried = [option for option in (*KNOWN, *IN_THE_EXAMPLE) if option in listed and option not in OF_SOME_HOSTS]
    found = refused(container, tried)
    assert not found, f"nothing can be mounted with {', '.join(found)}"


@requirement("features.mount_options.recognized")
def test_mount_options_of_the_runtimes_own_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "mountOptions")
    own = [option for option in listed if option not in (*KNOWN, *IN_THE_EXAMPLE)]
    if not own:
        raise Unobservable(SAID, "all mount options that are listed are the specification's")
    found = refused(container, own)
    if found:
        # Nobody knows what else a mount has to have for it.
        raise Advisory("each of these is taken with a tmpfs", f"nothing can be mounted with {', '.join(found)}")


@requirement("glossary.features_document")
def test_mount_options_that_are_recognized_are_listed(container: MakeContainer) -> None:
    listed = names(container().features(), "mountOptions")
    # An option that changes nothing shows nothing.
    without_effect = ("defaults", "silent", "loud")
    out_of_question = {*listed, *OF_SOME_HOSTS, *KNOWN_TO_FILESYSTEMS, *without_effect}
    tried = [option for option in KNOWN if option not in out_of_question]
    # One that leaves out what it does not know cannot be asked what it knows.
    if tried and container(mounts=mounts_with(*trials([OF_NOBODY]))).attempt_create().ok:
        raise Unobservable(SAID, "a mount option that nobody knows is accepted")
    unknown = refused(container, tried)
    found = [option for option in tried if option not in unknown]
    assert not found, f"these are recognized: {', '.join(found)}"


@requirement("features.unsafe_annotations.listed", "features.unsafe_annotations.prefix")
@pytest.mark.parametrize("name", OBEYED_BY_SOME)
def test_annotation_that_is_not_listed_changes_nothing(container: MakeContainer, name: str) -> None:
    listed = names(container().features(), "potentiallyUnsafeConfigAnnotations")
    one = container(hooks={"createRuntime": [Hook("hook")]})
    place = one.directory / "of-the-annotation"
    one.configure(annotations={name: str(place)})
    one.run().delete()
    is_listed = any(entry == name or (entry.endswith(".") and name.startswith(entry)) for entry in listed)
    if place.exists() and not is_listed:
        raise Finding(f"{name} is listed, for it has an effect", f"listed are {', '.join(listed)}")
