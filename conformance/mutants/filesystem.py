"""Mutants whose container finds other files than it should."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reference_runtime.steps import Step


def change_device(path: str, **changes: Any) -> None:
    """Change the step that makes a default device."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action in ("devices.make", "devices.bind") and step.arguments["path"] == path:
                step.arguments.update(changes)
        return steps

    transform_plan(change)


def first_only(action: str) -> None:
    """Take the first step of an action only."""

    def keep_first(steps: list[Step]) -> list[Step]:
        found = [step for step in steps if step.action == action]
        return [step for step in steps if step not in found[1:]]

    transform_plan(keep_first)


@mutant("config_linux.default_devices.null")
def no_null() -> None:
    """/dev/null is missing."""
    without("devices.make", path="/dev/null")


@mutant("config_linux.default_devices.zero")
def no_zero() -> None:
    """/dev/zero is missing."""
    without("devices.make", path="/dev/zero")


@mutant("config_linux.default_devices.full")
def full_is_zero() -> None:
    """/dev/full has the numbers of /dev/zero."""
    change_device("/dev/full", minor=5)


@mutant("config_linux.default_devices.random")
def random_is_for_root() -> None:
    """/dev/random can be opened by root only."""
    change_device("/dev/random", mode=0o600)


@mutant("config_linux.default_devices.urandom")
def urandom_is_a_pipe() -> None:
    """/dev/urandom is a FIFO."""
    change_device("/dev/urandom", type_="p")


@mutant("config_linux.default_devices.tty")
def tty_is_for_root() -> None:
    """/dev/tty can be opened by root only."""
    change_device("/dev/tty", mode=0o600)


@mutant("config_linux.default_devices.null", "config_linux.default_devices.tty")
def default_devices_only_if_no_others() -> None:
    """The default devices are not supplied when others are configured."""

    def drop(steps: list[Step]) -> list[Step]:
        configured = any(step.place.startswith("$.linux.devices") for step in steps)
        return [s for s in steps if not (configured and s.action == "devices.make" and s.place == "$.linux")]

    transform_plan(drop)


@mutant("config_linux.default_devices.ptmx", "config_linux.default_devices.ptmx.is_own")
def no_ptmx() -> None:
    """/dev/ptmx is missing."""
    without("devices.link")


@mutant("config_linux.default_devices.ptmx.is_own")
def ptmx_is_a_node() -> None:
    """/dev/ptmx is a device node of its own."""

    def replace(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "devices.link":
                step.action = "devices.make"
                step.arguments = {"path": "/dev/ptmx", "type_": "c", "major": 5, "minor": 2}
        return steps

    transform_plan(replace)


@mutant("config_linux.default_devices.console")
def no_console() -> None:
    """/dev/console is missing though there is a terminal."""
    without("terminal.make_console")


@mutant("config_linux.default_devices.console.is_terminal")
def console_is_another_terminal() -> None:
    """/dev/console is a node of the console of the kernel."""

    def replace(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "terminal.make_console":
                step.action = "devices.make"
                step.arguments = {"path": "/dev/console", "type_": "c", "major": 5, "minor": 1}
        return steps

    transform_plan(replace)


@mutant("runtime_linux.dev_symlinks.fd")
def no_fd_link() -> None:
    """/dev/fd is missing."""
    without("devices.link_if_there", path="/dev/fd")


@mutant("runtime_linux.dev_symlinks.stdin", "runtime_linux.dev_symlinks.stderr")
def links_are_swapped() -> None:
    """/dev/stdin and /dev/stderr are swapped."""

    def swap(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.arguments.get("path") in ("/dev/stdin", "/dev/stderr"):
                number = {"/dev/stdin": 2, "/dev/stderr": 0}[step.arguments["path"]]
                step.arguments["target"] = f"/proc/self/fd/{number}"
        return steps

    transform_plan(swap)


@mutant("runtime_linux.dev_symlinks.stdout")
def stdout_link_is_relative() -> None:
    """/dev/stdout is a relative link."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.arguments.get("path") == "/dev/stdout":
                step.arguments["target"] = "fd/1"
        return steps

    transform_plan(change)


@mutant("runtime_linux.dev_symlinks.by_create")
def links_demand_proc() -> None:
    """create fails when the links of /dev would lead nowhere."""
    from reference_runtime import devices, paths
    from reference_runtime.errors import SyscallFailed

    without("mounts.default")

    def link(context: Any, path: str, target: str) -> None:
        if not paths.exists(context.root, "/proc/self"):
            raise SyscallFailed("symlink", 2, path)
        devices.link(context, path, target)

    devices.link_if_there = link


@mutant("config_linux.default_filesystems.proc", "config_linux.default_filesystems.dev_shm")
def no_default_filesystems() -> None:
    """Only what is configured is mounted."""
    without("mounts.default")


@mutant("config_linux.masked_paths.unreadable", "config_linux.masked_paths.honoured")
def nothing_is_masked() -> None:
    """Masked paths are not masked."""
    without("masks.mask")


@mutant("config_linux.masked_paths.unreadable")
def first_path_is_masked_only() -> None:
    """Of the masked paths, only the first is masked."""
    first_only("masks.mask")


@mutant("config_linux.masked_paths.unreadable")
def files_are_not_masked() -> None:
    """Of the masked paths, only directories are masked."""
    _mask_if(lambda directory: directory)


@mutant("config_linux.masked_paths.unreadable")
def directories_are_not_masked() -> None:
    """Of the masked paths, directories are not masked."""
    _mask_if(lambda directory: not directory)


@mutant("config_linux.masked_paths.unreadable", "config_linux.masked_paths.untouched")
def masked_paths_are_made_readonly() -> None:
    """Masked paths are made read-only, and can be read."""

    def replace(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "masks.mask":
                step.action = "masks.make_readonly"
        return steps

    transform_plan(replace)


@mutant("config_linux.masked_paths.untouched", "config_linux.masked_paths.unreadable")
def masked_files_are_emptied() -> None:
    """What is at a masked path is deleted."""
    import os

    from reference_runtime import masks, paths

    def mask(context: Any, path: str) -> None:
        if not paths.exists(context.root, path):
            return
        with paths.resolve(context.root, path) as target:
            outside = os.readlink(f"/proc/self/fd/{target}")
            if os.path.isfile(outside) and not outside.startswith("/proc"):
                os.truncate(outside, 0)

    masks.mask = mask


@mutant("config_linux.masked_paths.missing", "config_linux.readonly_paths.missing")
def paths_have_to_exist() -> None:
    """A masked or read-only path that does not exist is an error."""
    from reference_runtime import masks, paths

    for name in ("mask", "make_readonly"):
        original = getattr(masks, name)

        def strict(context: Any, path: str, original: Any = original) -> None:
            paths.resolve(context.root, path)
            original(context, path)

        setattr(masks, name, strict)


@mutant("config_linux.masked_paths.absolute", "config_linux.readonly_paths.absolute")
def relative_paths_are_taken() -> None:
    """A relative masked or read-only path is taken as relative to the root."""
    from reference_runtime import validation

    original = validation.KEYWORDS["pattern"]

    def lenient(validator: Any, argument: Any, value: Any, place: str) -> None:
        if "Paths[" not in place:
            original(validator, argument, value, place)

    validation.KEYWORDS["pattern"] = lenient


@mutant("config_linux.readonly_paths.enforced", "config_linux.readonly_paths.honoured")
def nothing_is_readonly() -> None:
    """Read-only paths can be written."""
    without("masks.make_readonly")


@mutant("config_linux.readonly_paths.enforced")
def first_path_is_readonly_only() -> None:
    """Of the read-only paths, only the first is read-only."""
    first_only("masks.make_readonly")


@mutant("config_linux.readonly_paths.submounts")
def readonly_paths_are_not_recursive() -> None:
    """What is mounted below a read-only path can be written."""
    from reference_runtime import masks, syscalls

    original = masks.make_readonly
    set_attributes = syscalls.mount_setattr

    def make_readonly(context: Any, path: str) -> None:
        syscalls.mount_setattr = lambda tree, **keywords: set_attributes(tree, **{**keywords, "recursive": False})
        original(context, path)
        syscalls.mount_setattr = set_attributes

    masks.make_readonly = make_readonly


@mutant("config_linux.readonly_paths.readable", "config_linux.readonly_paths.enforced")
def readonly_paths_are_masked() -> None:
    """Read-only paths are masked."""

    def replace(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "masks.make_readonly":
                step.action = "masks.mask"
        return steps

    transform_plan(replace)


@mutant("config.root.readonly.enforced")
def readonly_root_can_be_written() -> None:
    """root.readonly is ignored."""
    without("mounts.make_root_readonly")


@mutant("config.root.readonly.default")
def root_is_always_readonly() -> None:
    """The root is read-only, whatever root.readonly says."""
    from reference_runtime.steps import Step

    def add(steps: list[Step]) -> list[Step]:
        place = next(i for i, step in enumerate(steps) if step.action == "mounts.pivot") + 1
        return [*steps[:place], Step("mounts.make_root_readonly", "config.root.readonly.enforced"), *steps[place:]]

    transform_plan(add)


@mutant("config.root.readonly.enforced")
def readonly_root_makes_everything_readonly() -> None:
    """With root.readonly, all that is mounted in the root is read-only too."""
    from reference_runtime import mounts, syscalls

    set_attributes = syscalls.mount_setattr
    original = mounts.make_root_readonly

    def make_root_readonly(context: Any) -> None:
        syscalls.mount_setattr = lambda tree, **keywords: set_attributes(tree, **{**keywords, "recursive": True})
        original(context)
        syscalls.mount_setattr = set_attributes

    mounts.make_root_readonly = make_root_readonly


@mutant("config.root.path.relative_to_bundle", "bundle.artifacts.one_directory")
def root_is_relative_to_the_caller() -> None:
    """A relative root.path is relative to the working directory of the caller."""
    import os

    from reference_runtime.config import Config

    Config.rootfs = property(lambda self: os.path.abspath(self.document["root"]["path"]))  # type: ignore[assignment]


@mutant("config.root.path.is_directory", "config.root.required", "config.root.path.required")
def root_is_made_if_it_is_missing() -> None:
    """A root that does not exist is made; without root.path, it is `rootfs`."""
    import os

    from reference_runtime import validation
    from reference_runtime.config import Config

    def rootfs(self: Config) -> str:
        path = os.path.join(self.bundle, (self.document.get("root") or {}).get("path", "rootfs"))
        self.document.setdefault("root", {})
        if not os.path.isdir(path):
            path += ".made"
            os.makedirs(path, exist_ok=True)
        return path

    Config.rootfs = property(rootfs)  # type: ignore[assignment]
    original = validation.KEYWORDS["required"]

    def lenient(validator: Any, argument: Any, value: Any, place: str) -> None:
        if place not in ("$", "$.root"):
            original(validator, argument, value, place)

    validation.KEYWORDS["required"] = lenient


@mutant("bundle.config.in_root", "bundle.config.name", "bundle.config.required")
def config_is_searched_for() -> None:
    """config.json is searched for below and above the bundle, and by other names."""
    import os

    from reference_runtime import documents

    read = documents.read
    places = ("", "below/config.json", "rootfs/config.json", "../config.json", "Config.json", "config", "runtime.json")

    def search(path: str) -> bytes:
        bundle = os.path.dirname(path)
        if os.path.basename(path) == "config.json" and not os.path.isfile(path):
            path = next((p for p in (os.path.join(bundle, place) for place in places) if os.path.isfile(p)), path)
        return read(path)

    documents.read = search


@mutant("bundle.rootfs.is_root_path")
def root_is_the_bundle() -> None:
    """The root is another directory than root.path names."""
    import os

    from reference_runtime import mounts

    original = mounts.bind_root

    def bind_copy(context: Any, destination: str) -> None:
        other = os.path.join(context.config.bundle, "other-root")
        os.makedirs(other, exist_ok=True)
        for name in os.listdir(destination):
            source = os.path.join(destination, name)
            if os.path.isfile(source) and not os.path.exists(os.path.join(other, name)):
                os.link(source, os.path.join(other, name))
        original(context, other)

    mounts.bind_root = bind_copy


@mutant("config.mounts.order")
def mounts_are_sorted() -> None:
    """Mounts are made in the order of their destinations."""

    def sort(steps: list[Step]) -> list[Step]:
        actions = ("mounts.bind", "mounts.filesystem")
        found = sorted((s for s in steps if s.action in actions), key=lambda s: str(s.arguments["destination"]))
        return [found.pop(0) if step.action in actions else step for step in steps]

    transform_plan(sort)


@mutant("config.mounts.order")
def later_mounts_at_a_place_are_left_out() -> None:
    """Of several mounts at one place, only the first is made."""

    def drop(steps: list[Step]) -> list[Step]:
        seen: set[str] = set()
        kept = []
        for step in steps:
            destination = step.arguments.get("destination")
            if step.action in ("mounts.bind", "mounts.filesystem") and destination in seen:
                continue
            seen.add(str(destination))
            kept.append(step)
        return kept

    transform_plan(drop)


@mutant("config.mounts.source.bind_path")
def bind_sources_are_relative_to_the_caller() -> None:
    """A relative source of a bind mount is relative to the working directory of the caller."""
    import os

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "mounts.bind":
                source = str(step.arguments["source"])
                step.arguments["source"] = os.path.join(os.getcwd(), os.path.basename(source))
        return steps

    transform_plan(change)


def _mask_if(condition: Any) -> None:
    import os
    import stat

    from reference_runtime import masks, paths

    original = masks.mask

    def mask(context: Any, path: str) -> None:
        if paths.exists(context.root, path):
            with paths.resolve(context.root, path) as target:
                directory = stat.S_ISDIR(os.fstat(target).st_mode)
            if not condition(directory):
                return
        original(context, path)

    masks.mask = mask


@mutant("glossary.runtime_namespace")
def sources_of_mounts_are_those_of_the_container() -> None:
    """The source of a bind mount is looked for in the root filesystem first."""
    import os

    from reference_runtime import mounts

    bind = mounts.bind

    def bind_inside(
        context: Any, source: str | None, destination: str, options: list[str], opened: str | None = None
    ) -> None:
        inside = f"{context.config.rootfs}{source}"
        bind(context, inside if os.path.exists(inside) else source, destination, options, opened)

    mounts.bind = bind_inside
