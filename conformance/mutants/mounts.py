"""Mutants that mount otherwise than they are told."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from reference_runtime.steps import Step

OPTIONS = "config.mounts.options"


def _options(*names: str) -> tuple[str, ...]:
    return tuple(f"{OPTIONS}.{name}" for name in names)


def _have_options(change: Callable[[list[str]], list[str]]) -> None:
    """Have every list of options changed before it is understood."""
    from reference_runtime.mount_options import MountOptions

    original = MountOptions.__init__

    def changed(self: MountOptions, options: list[str]) -> None:
        original(self, change(options))

    MountOptions.__init__ = changed  # type: ignore[method-assign]


def _after_options(change: Callable[[Any], None]) -> None:
    """Have every list of options changed after it was understood."""
    from reference_runtime.mount_options import MountOptions

    original = MountOptions.__init__

    def changed(self: MountOptions, options: list[str]) -> None:
        original(self, options)
        change(self)

    MountOptions.__init__ = changed  # type: ignore[method-assign]


# Which mounts are made, and where


@mutant(
    "config.mounts.additional",
    "config.mounts.destination.inside",
    "config.mounts.as_mount_2",
    "config.mounts.type.filesystem",
)
def later_mounts_are_left_out() -> None:
    """Of the mounts, only the first five are made."""

    def drop(steps: list[Step]) -> list[Step]:
        return [s for s in steps if not (s.action == "mounts.filesystem" and s.place == "$.mounts[5]")]

    transform_plan(drop)


@mutant("config.mounts.additional")
def mounts_replace_the_root() -> None:
    """Where there are mounts, the root filesystem has nothing else but the program."""
    import os

    from reference_runtime import mounts

    original = mounts.bind_root

    def bind_root(context: Any, destination: str) -> None:
        for entry in os.scandir(destination):
            if entry.is_file() and entry.name != "probe":
                os.unlink(entry.path)
        original(context, destination)

    mounts.bind_root = bind_root


@mutant("config.mounts.destination.inside")
def links_in_destinations_lead_out() -> None:
    """Links in a destination are followed as if the root were the host's."""
    import os

    from reference_runtime import paths

    original = paths.make_directories

    def make_directories(root: int, path: str) -> Any:
        outside = f"{paths.through_proc(root)}/{path}"
        os.makedirs(outside, exist_ok=True)
        return original(root, path)

    paths.make_directories = make_directories


@mutant("config.mounts.destination.linux.relative")
def relative_destinations_are_refused() -> None:
    """A destination has to be absolute."""
    _refuse_mounts_if(lambda mount: not mount["destination"].startswith("/"))


@mutant("config.mounts.destination.linux.relative")
def relative_destinations_are_relative_to_the_process() -> None:
    """A relative destination is relative to the working directory of the process."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            destination = step.arguments.get("destination", "/")
            if step.action == "mounts.filesystem" and not destination.startswith("/"):
                step.arguments["destination"] = f"/srv/{destination}"
        return steps

    transform_plan(change)


@mutant("config.mounts.source.file")
def sources_are_directories() -> None:
    """The source of a bind mount has to be a directory."""
    import errno
    import os

    from reference_runtime import mounts
    from reference_runtime.errors import SyscallFailed

    original = mounts.bind

    def bind(context: Any, source: str, **arguments: Any) -> None:
        if not os.path.isdir(source):
            raise SyscallFailed("open", errno.ENOTDIR, source)
        original(context, source, **arguments)

    mounts.bind = bind  # type: ignore[assignment]


# Types


@mutant("config.mounts.bind")
def type_decides_whether_it_is_a_bind_mount() -> None:
    """A mount whose type is a filesystem is no bind mount."""
    from reference_runtime import mounts

    original = mounts._steps

    def steps(config: Any, index: int, mount: dict[str, Any], undo: str | None) -> Iterator[Step]:
        options = mount.get("options", [])
        if mount.get("type") in ("tmpfs", "proc"):
            options = [option for option in options if option not in ("bind", "rbind")]
        return original(config, index, {**mount, "options": options}, undo)

    mounts._steps = steps


@mutant("config.mounts.type.bind")
def bind_mounts_have_a_filesystem() -> None:
    """The type of a bind mount has to be a filesystem."""
    _refuse_mounts_if(lambda mount: mount.get("type") in (None, "none", "bind"))


@mutant("config.mounts.type.filesystem")
def every_filesystem_is_a_tmpfs() -> None:
    """Everything that is additional is a tmpfs."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "mounts.filesystem" and step.place == "$.mounts[5]":
                step.arguments["type_"] = "tmpfs"
        return steps

    transform_plan(change)


# Options


@mutant(
    *_options("ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "symfollow", "nosymfollow"),
    *_options("atime", "noatime", "diratime", "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime"),
    *_options("rro", "rrw", "rsuid", "rnosuid", "rdev", "rexec", "rnoexec", "rsymfollow", "rnosymfollow", "ratime"),
    *_options("rnoatime", "rdiratime", "rnodiratime", "rrelatime", "rnorelatime", "rstrictatime", "rnostrictatime"),
    *_options("sync", "async", "lazytime", "nolazytime"),
    "config.mounts.as_mount_2",
)
def options_mean_their_opposites() -> None:
    """Each option of a pair does what the other should do."""
    from conformance.validation.mount_options import OPPOSITES
    from reference_runtime.mount_options import ATTRIBUTES, SUPERBLOCK

    for table in (ATTRIBUTES, SUPERBLOCK):
        for one, other in OPPOSITES:
            if one in table:
                table[one], table[other] = table[other], table[one]
    # These two mean the same to the kernel.
    ATTRIBUTES["relatime"] = ATTRIBUTES["norelatime"] = ATTRIBUTES["atime"]


@mutant(*_options("defaults", "silent", "loud", "iversion", "noiversion", "dirsync", "remount"))
def no_option_is_known() -> None:
    """All options that are no attributes of a mount are given to the filesystem, but for those that all have."""
    from reference_runtime.mount_options import SUPERBLOCK

    SUPERBLOCK.clear()
    _after_options(_forget_dirsync)


def _forget_dirsync(options: Any) -> None:
    # The kernel itself would understand it.
    options.data = ",".join(option for option in options.data.split(",") if option != "dirsync")


@mutant(*_options("as_mount_8", "symfollow"))
def first_of_two_conflicting_options_wins() -> None:
    """An option that undoes an earlier one does nothing."""
    from conformance.validation.mount_options import OPPOSITES

    other = {one: two for pair in OPPOSITES for one, two in (pair, pair[::-1])}

    def drop(options: list[str]) -> list[str]:
        return [option for index, option in enumerate(options) if other.get(option) not in options[:index]]

    _have_options(drop)


@mutant(*_options("ro", "nosuid", "nodev", "noexec", "nosymfollow", "noatime", "nodiratime"))
def bind_mounts_have_no_options() -> None:
    """A bind mount has the attributes of its source, whatever its options say, as with a single call of mount(2)."""

    def drop(options: list[str]) -> list[str]:
        return [option for option in options if option.endswith("bind")] if "bind" in options else options

    _have_options(drop)


@mutant(*_options("ro"))
def readonly_bind_mounts_change_their_filesystem() -> None:
    """With a read-only bind mount, all others are read-only, too."""

    def change(steps: list[Step]) -> list[Step]:
        bound = [step for step in steps if step.action == "mounts.bind"]
        for step in bound:
            if any("ro" in other.arguments["options"] for other in bound):
                step.arguments["options"] = [*step.arguments["options"], "ro"]
        return steps

    transform_plan(change)


@mutant(*_options("remount"))
def remount_mounts_something_new() -> None:
    """A remount is another mount."""
    _have_options(lambda options: [option for option in options if option != "remount"])


@mutant(*_options("bind"))
def bind_is_recursive() -> None:
    """A bind mount has what is mounted below its source."""
    _have_options(lambda options: ["rbind" if option == "bind" else option for option in options])


@mutant(*_options("rbind"))
def rbind_is_not_recursive() -> None:
    """A recursive bind mount is not recursive."""
    _have_options(lambda options: ["bind" if option == "rbind" else option for option in options])


@mutant(*_options("rro", "rnosuid", "rexec", "rnoatime"))
def recursive_options_are_for_the_uppermost_mount() -> None:
    """An option with an `r` in front does what it does without."""
    from reference_runtime.mount_options import RECURSIVE

    _have_options(lambda options: [option[1:] if option in RECURSIVE else option for option in options])


@mutant(*_options("as_mount_8"))
def options_are_recursive() -> None:
    """An option without an `r` in front is for all mounts below, too."""
    from reference_runtime.mount_options import ATTRIBUTES

    _have_options(lambda options: [f"r{option}" if option in ATTRIBUTES else option for option in options])


@mutant(*_options("custom.as_mount_8"))
def options_imply_nothing() -> None:
    """What mount(8) knows besides is accepted, and nothing else."""
    from reference_runtime.mount_options import IMPLYING

    for name in IMPLYING:
        IMPLYING[name] = 0


@mutant(*_options("unknown"))
def unknown_options_are_dropped() -> None:
    """Options for the filesystem do not reach it."""

    def forget(options: Any) -> None:
        options.data = ""

    _after_options(forget)


@mutant(*_options("unknown"))
def first_unknown_option_is_enough() -> None:
    """Of the options for the filesystem, the first one reaches it."""

    def forget(options: Any) -> None:
        options.data = options.data.split(",")[0]

    _after_options(forget)


# Propagation


@mutant(*_options("private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"))
def kinds_of_propagation_are_swapped() -> None:
    """Private mounts are slaves, shared ones cannot be bound, and the other way round."""
    pairs = (("private", "slave"), ("shared", "unbindable"), ("rprivate", "rslave"), ("rshared", "runbindable"))
    other = {one: two for pair in pairs for one, two in (pair, pair[::-1])}
    _have_options(lambda options: [other.get(option, option) for option in options])


@mutant(*_options("rprivate", "rshared", "runbindable"))
def propagation_is_not_recursive() -> None:
    """Only the uppermost mount gets a propagation."""
    from reference_runtime import syscalls

    def forget(options: Any) -> None:
        options.propagation = [flags & ~syscalls.MS_REC for flags in options.propagation]

    _after_options(forget)


# Id-mapped mounts


def _have_mapped(change: Callable[[dict[str, Any]], None]) -> None:
    """Have the steps that map the IDs of a mount changed."""

    def changed(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "mapped_mounts.open_source":
                change(step.arguments)
        return steps

    transform_plan(changed)


@mutant(
    *_options("idmap.applied", "ridmap.applied", "idmap.own_mappings", "ridmap.own_mappings"),
    *_options("idmap.mount_setattr", "ridmap.mount_setattr", "idmap.no_mappings", "ridmap.no_mappings"),
    "config.mounts.uid_mappings.applied",
    "config.mounts.gid_mappings.applied",
    "config.mounts.mappings.mount_setattr",
)
def no_ids_are_mapped() -> None:
    """Everything about mapped IDs is ignored."""
    from reference_runtime import mapped_mounts

    mapped_mounts._map = lambda *_, **__: None


@mutant(*_options("idmap.applied"))
def ids_of_filesystems_are_not_mapped() -> None:
    """Only the IDs of bind mounts are mapped."""
    without("mapped_mounts.map_filesystem")


@mutant(*_options("idmap.applied"))
def idmap_is_recursive() -> None:
    """`idmap` is what `ridmap` is."""
    _have_options(lambda options: ["ridmap" if option == "idmap" else option for option in options])


@mutant(*_options("ridmap.applied"))
def ridmap_is_not_recursive() -> None:
    """`ridmap` is what `idmap` is."""
    _have_options(lambda options: ["idmap" if option == "ridmap" else option for option in options])


@mutant(*_options("idmap", "ridmap"))
def mapped_mounts_are_refused() -> None:
    """Mounts whose IDs are mapped are not supported."""
    _refuse_mounts_if(lambda mount: "uidMappings" in mount)


@mutant(*_options("idmap.own_mappings", "ridmap.own_mappings"))
def mappings_are_those_of_the_user_namespace() -> None:
    """Where there is a user namespace, the mappings of a mount are ignored."""
    from reference_runtime import mapped_mounts

    original = mapped_mounts._mappings

    def mappings(config: Any, mount: dict[str, Any]) -> dict[str, Any]:
        return original(config, {} if config.creates("user") else mount)

    mapped_mounts._mappings = mappings


@mutant(*_options("idmap.no_mappings", "ridmap.no_mappings"))
def mount_without_mappings_has_some_all_the_same() -> None:
    """A mount without mappings of its own gets some that nobody has asked for."""

    def shift(arguments: dict[str, Any]) -> None:
        for kind in ("uid_mappings", "gid_mappings"):
            arguments[kind] = [{**entry, "hostID": entry["hostID"] + 7} for entry in arguments[kind]]

    _have_mapped(shift)


@mutant("config.mounts.gid_mappings.applied")
def groups_are_mapped_like_users() -> None:
    """The mappings of users are those of groups, too."""

    def change(arguments: dict[str, Any]) -> None:
        arguments["gid_mappings"] = arguments["uid_mappings"]

    _have_mapped(change)


@mutant("config.mounts.mappings.mount_setattr", *_options("idmap.mount_setattr", "ridmap.mount_setattr"))
def owners_are_changed_instead() -> None:
    """Instead of a mount, the files of its source are changed."""
    import os

    from reference_runtime import mapped_mounts

    def map_by_hand(tree: int, *_: Any, **__: Any) -> None:
        for entry in os.scandir(f"/proc/self/fd/{tree}"):
            os.chown(entry.path, 2001, 3002)

    mapped_mounts._map = map_by_hand


def _refuse_mounts_if(condition: Callable[[dict[str, Any]], bool]) -> None:
    from reference_runtime import config as configs
    from reference_runtime.errors import UnsupportedConfig

    original = configs.from_bytes

    def from_bytes(content: bytes, bundle: str, identifier: str) -> Any:
        config = original(content, bundle, identifier)
        # The first ones are those that every container has.
        for index, mount in enumerate(config.document.get("mounts", ())[5:], 5):
            if condition(mount):
                raise UnsupportedConfig(f"$.mounts[{index}]", "is not supported")
        return config

    configs.from_bytes = from_bytes
