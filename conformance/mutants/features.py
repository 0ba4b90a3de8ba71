"""Mutants whose features structure says what is not so."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from reference_runtime.steps import Step

    Document = dict[str, Any]

ANNOTATION = "run.oci.hooks.stdout"
"""An annotation that crun obeys: the file into which the output of hooks goes."""


def edit(change: Callable[[Document], Any]) -> None:
    """Change what `features` prints."""
    from reference_runtime import features

    original = features.document
    features.document = lambda: change(original())


def say(**properties: Any) -> None:
    """Have properties of the structure say something else."""
    edit(lambda document: {**document, **properties})


def say_of_linux(**properties: Any) -> None:
    """Have properties of its `linux` say something else."""
    edit(lambda document: {**document, "linux": {**document["linux"], **properties}})


def leave_out(name: str, *listed: str) -> None:
    """Do not list something, at the top or in `linux`."""

    def change(document: Document) -> Document:
        place = document if name in document else document["linux"]
        place[name] = [entry for entry in place[name] if entry not in listed]
        return document

    edit(change)


# The form


@mutant("features.form")
def features_are_a_list() -> None:
    """The features are a list of pairs."""
    edit(lambda document: [[name, value] for name, value in document.items()])


@mutant("features.oci_version_min.required")
def lowest_version_is_not_told() -> None:
    """There is no ociVersionMin."""
    edit(lambda document: {name: value for name, value in document.items() if name != "ociVersionMin"})


@mutant("features.oci_version_max.required")
def highest_version_is_not_told() -> None:
    """There is no ociVersionMax."""
    edit(lambda document: {name: value for name, value in document.items() if name != "ociVersionMax"})


@mutant("features.oci_versions.semver")
def lowest_version_is_of_two_numbers() -> None:
    """The ociVersionMin is 1.0, which no config may have."""
    say(ociVersionMin="1.0")


@mutant("features.oci_version_max.order")
def highest_version_is_below_the_lowest() -> None:
    """The ociVersionMin is above the ociVersionMax."""
    say(ociVersionMin="1.3.0", ociVersionMax="1.2.0")


@mutant("features.properties.defined")
def features_have_a_property_of_their_own() -> None:
    """There is a property that the specification does not define."""
    say_of_linux(checkpoint={"enabled": False})


@mutant("features.hooks.form", "features.mount_options.form", "features.unsafe_annotations.form")
def lists_are_objects() -> None:
    """What should be a list is an object with what is listed."""
    edit(
        lambda document: {
            name: dict.fromkeys(value, True) if isinstance(value, list) else value for name, value in document.items()
        }
    )


@mutant("features.mount_options.generic")
def options_of_filesystems_are_listed() -> None:
    """The mount options have one that tmpfs knows."""
    edit(lambda document: {**document, "mountOptions": [*document["mountOptions"], "size"]})


@mutant("features.linux.form")
def features_of_linux_are_names() -> None:
    """The features of Linux are a list of names."""
    edit(lambda document: {**document, "linux": sorted(document["linux"])})


@mutant("features.annotations.form")
def annotations_of_features_are_a_list() -> None:
    """The annotations of the features are a list."""
    say(annotations=["org.example.version=1"])


@mutant("features.annotations.convention", "features.annotations.reverse_domain")
def annotations_of_features_follow_no_convention() -> None:
    """The annotations of the features have a key that is no domain, and a value that is no string."""
    say(annotations={"version": 1})


@mutant(
    "features_linux.namespaces.form",
    "features_linux.capabilities.form",
    "features_linux.cgroup.form",
    "features_linux.seccomp.form",
    "features_linux.apparmor.form",
    "features_linux.selinux.form",
    "features_linux.memory_policy.form",
    "features_linux.intel_rdt.form",
    "features_linux.intel_rdt.schemata.form",
    "features_linux.intel_rdt.monitoring.form",
    "features_linux.mount_extensions.form",
    "features_linux.net_devices.form",
)
def everything_is_told_in_words() -> None:
    """Whatever should be a list or a boolean is a text."""

    def in_words(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: in_words(inner) for name, inner in value.items()}
        return value if isinstance(value, str) else repr(value)

    def change(document: Document) -> Document:
        for name in ("intelRdt", "memoryPolicy"):
            document["linux"].setdefault(name, {})
        document["linux"]["intelRdt"] |= {"schemata": False, "monitoring": False}
        document["linux"]["memoryPolicy"] |= {"modes": [], "flags": []}
        return {**document, "linux": in_words(document["linux"])}

    edit(change)


@mutant("features_linux.seccomp.supported_flags.known")
def supported_flag_is_not_known() -> None:
    """A flag of seccomp is supported, and not known."""
    say_of_linux(seccomp={"enabled": False, "knownFlags": [], "supportedFlags": ["SECCOMP_FILTER_FLAG_LOG"]})


# The host


@mutant("features.fixed")
def features_have_the_time() -> None:
    """The features tell when they were asked for."""
    import time

    say(annotations={"org.example.time": str(time.monotonic())})


@mutant("features_linux.namespaces.host", "features.fixed")
def namespaces_are_those_of_the_kernel() -> None:
    """Listed are the namespaces that the kernel has."""
    import os

    names = {"net": "network", "mnt": "mount"}
    say_of_linux(namespaces=[names.get(name, name) for name in os.listdir("/proc/self/ns") if "_" not in name])


@mutant("features_linux.capabilities.host")
def capabilities_are_those_of_the_kernel() -> None:
    """Listed are the capabilities that the kernel has."""
    from reference_runtime.capabilities import NAMES

    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        say_of_linux(capabilities=NAMES[: int(file.read()) + 1])


@mutant("features_linux.cgroup.host")
def cgroup_versions_are_those_of_the_host() -> None:
    """The versions of cgroups that are supported are those that are mounted."""
    import os

    unified = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
    say_of_linux(cgroup={"v1": not unified, "v2": unified})


@mutant(
    "features_linux.seccomp.host",
    "features_linux.apparmor.host",
    "features_linux.selinux.host",
    "features_linux.memory_policy.host",
    "features_linux.intel_rdt.host",
)
def features_are_those_of_the_kernel() -> None:
    """What the kernel does not seem to have, the features do not have."""
    with open("/proc/filesystems", encoding="ascii") as file:
        has_sysfs = "sysfs" in file.read()
    names = ("seccomp", "apparmor", "selinux", "intelRdt")
    say_of_linux(
        **{name: {"enabled": has_sysfs} for name in names},
        memoryPolicy={"modes": ["MPOL_DEFAULT"] if has_sysfs else []},
    )


# Versions


@mutant("features.oci_version_min.accepted")
def lowest_version_is_refused() -> None:
    """The ociVersionMin is one that is not accepted."""
    say(ociVersionMin="0.5.0")


@mutant("features.oci_version_max.accepted")
def highest_version_is_refused() -> None:
    """The ociVersionMax is one that is not accepted."""
    say(ociVersionMax="1.4.0")


@mutant("features.oci_version_min.lowest")
def lower_versions_are_accepted() -> None:
    """There are versions below the ociVersionMin that are accepted as well."""
    say(ociVersionMin="1.2.0")


# What is listed, and what there is


@mutant("features.mount_options.recognized")
def mount_options_have_one_more() -> None:
    """A mount option is listed that is not recognized."""
    edit(lambda document: {**document, "mountOptions": [*document["mountOptions"], "acl"]})


@mutant("features.mount_options.recognized")
def mount_options_have_one_of_nobody() -> None:
    """A mount option is listed that neither the runtime nor anybody else recognizes."""
    edit(lambda document: {**document, "mountOptions": [*document["mountOptions"], "copy-on-read"]})


@mutant("features_linux.namespaces.recognized")
def namespaces_have_one_more() -> None:
    """A type of namespaces is listed that is not recognized."""
    edit(lambda document: {**document, "linux": {**document["linux"], "namespaces": ["user", "galaxy"]}})


@mutant("features_linux.namespaces.recognized")
def time_namespaces_are_listed_only() -> None:
    """Time namespaces are listed, and those of the runtime are used."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "namespaces.create":
                step.arguments["types"] = [name for name in step.arguments["types"] if name != "time"]
        return steps

    transform_plan(change)


@mutant("features_linux.capabilities.recognized")
def capability_is_listed_only() -> None:
    """A capability is listed, and not known when it is wanted."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "process.become":
                sets = step.arguments["sets"]
                step.arguments["sets"] = {
                    name: [entry for entry in listed if entry != "CAP_FSETID"] for name, listed in sets.items()
                }
        return steps

    transform_plan(change)


@mutant("features_linux.cgroup.v1", "features_linux.cgroup.v2")
def cgroups_are_denied() -> None:
    """The features say that there is no support for cgroups."""
    say_of_linux(cgroup={"v1": False, "v2": False})


@mutant("features_linux.net_devices.enabled")
def network_devices_are_denied() -> None:
    """The features say that network devices cannot be moved."""
    say_of_linux(netDevices={"enabled": False})


@mutant("features_linux.mount_extensions.idmap", "features_linux.mount_extensions.idmap.partial")
def mappings_of_mounts_are_denied() -> None:
    """The features say that mappings of mounts are not used."""
    say_of_linux(mountExtensions={"idmap": {"enabled": False}})


@mutant("features_linux.seccomp.enabled")
def seccomp_is_the_other_way_round() -> None:
    """The features say that there is seccomp if there is not, and the other way round."""
    edit_seccomp(lambda seccomp: {**seccomp, "enabled": not seccomp["enabled"]})


@mutant("features_linux.seccomp.actions.recognized")
def actions_have_one_more() -> None:
    """An action of seccomp is listed that is not recognized."""
    edit_seccomp(lambda seccomp: {**seccomp, "actions": [*seccomp.get("actions", ()), "SCMP_ACT_DELAY"]})


@mutant("features_linux.seccomp.operators.recognized")
def operators_have_one_more() -> None:
    """An operator of seccomp is listed that is not recognized."""
    edit_seccomp(lambda seccomp: {**seccomp, "operators": [*seccomp.get("operators", ()), "SCMP_CMP_LIKE"]})


@mutant("features_linux.seccomp.archs.recognized")
def architectures_have_one_more() -> None:
    """An architecture of seccomp is listed that is not recognized."""
    edit_seccomp(lambda seccomp: {**seccomp, "archs": [*seccomp.get("archs", ()), "SCMP_ARCH_PDP11"]})


@mutant("features_linux.seccomp.known_flags.recognized")
def flags_have_one_more() -> None:
    """A flag of seccomp is listed that is not recognized."""
    edit_seccomp(lambda seccomp: {**seccomp, "knownFlags": [*seccomp.get("knownFlags", ()), "SECCOMP_FILTER_FLAG_X"]})


@mutant("features_linux.seccomp.supported_flags.supported")
def flag_that_is_not_supported_is_listed() -> None:
    """A flag of seccomp is listed as supported that is not."""
    flag = "SECCOMP_FILTER_FLAG_X"
    edit_seccomp(lambda seccomp: {**seccomp, "knownFlags": [flag], "supportedFlags": [flag]})


def edit_seccomp(change: Callable[[Document], Document]) -> None:
    """Change what the features say of seccomp."""
    edit(lambda document: {**document, "linux": {**document["linux"], "seccomp": change(document["linux"]["seccomp"])}})


@mutant("features_linux.memory_policy.modes.recognized", "features_linux.memory_policy.flags.recognized")
def memory_policies_have_one_more() -> None:
    """A mode and a flag of memory policies are listed that are not recognized."""
    say_of_linux(memoryPolicy={"modes": ["MPOL_RANDOM"], "flags": ["MPOL_F_RANDOM"]})


# What is not listed


@mutant("glossary.features_document")
def hook_is_not_listed() -> None:
    """A kind of hooks that is called is not listed."""
    leave_out("hooks", "poststop")


@mutant("glossary.features_document")
def mount_option_is_not_listed() -> None:
    """A mount option that is recognized is not listed."""
    leave_out("mountOptions", "nosymfollow")


@mutant("glossary.features_document")
def namespace_is_not_listed() -> None:
    """A type of namespaces that is recognized is not listed."""
    leave_out("namespaces", "time")


@mutant("glossary.features_document")
def capability_is_not_listed() -> None:
    """A capability that is granted is not listed."""
    leave_out("capabilities", "CAP_CHOWN")


# What is denied, and taken all the same


@mutant("config.values.invalid", "features_linux.intel_rdt.enabled", "features_linux.selinux.enabled")
def everything_is_denied() -> None:
    """The features say that there is nothing of what may be missing, though there is."""
    no = {"enabled": False}
    names = ("seccomp", "apparmor", "selinux", "netDevices")
    say_of_linux(
        **dict.fromkeys(names, no),
        cgroup={"rdma": False},
        intelRdt={**no, "schemata": False, "monitoring": False},
        mountExtensions={"idmap": no},
    )


# Annotations


@mutant("features.unsafe_annotations.listed")
def annotation_is_obeyed() -> None:
    """An annotation that is not listed has an effect."""
    obey_annotation()


@mutant("features.unsafe_annotations.prefix")
def prefix_of_annotations_has_no_dot() -> None:
    """What is listed for an annotation that has an effect is a beginning of it that does not end with a dot."""
    obey_annotation()
    say(potentiallyUnsafeConfigAnnotations=["run.oci.hooks"])


def obey_annotation() -> None:
    """Write the output of hooks to the file that an annotation names."""
    from reference_runtime import hooks

    original = hooks.run

    def run(context: Any, kind: str, index: int, hook: Document) -> None:
        place = context.config.annotations.get(ANNOTATION)
        if place:
            with open(place, "a", encoding="utf-8") as file:
                file.write(f"{kind}\n")
        original(context, kind, index, hook)

    hooks.run = run
