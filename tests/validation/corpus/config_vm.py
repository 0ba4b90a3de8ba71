"""Documents on config-vm.md."""

from __future__ import annotations

from typing import Any, Literal

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

KERNEL = {"path": "/path/to/vmlinuz"}
HYPERVISOR = {"path": "/path/to/vmm"}
IMAGE = {"path": "/path/to/vm/rootfs.img", "format": "raw"}
PAGES = {"firstMFN": 12288, "nrMFNs": 1}
FORMATS = ("raw", "qcow2", "vdi", "vmdk", "vhd")


def valid(name: str, changes: Change, *conforms: str) -> Valid:
    """A valid `vm`; the requirements are named without the document."""
    return Valid(name, vm(changes), conforms=_ids(conforms))


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A `vm` with an error; the path is the one below it, too."""
    return Invalid(name, vm(changes), rule, f"$.vm.{path}", _ids(breaks))


def doubtful(
    name: str, changes: Change, rule: str, path: str, severity: Literal["warning", "note"], version: str = "1.3.0"
) -> Warned:
    """A `vm` with something doubtful, in a document of that version."""
    return Warned(name, {**vm(changes), "ociVersion": version}, rule, f"$.vm.{path}", severity=severity)


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_vm.{name}" for name in names)


def vm(changes: Change) -> Change:
    """`vm` with a kernel, if there is no other in the changes."""
    return {"vm": {"kernel": KERNEL, **changes}}


def kernel(**changes: Any) -> Change:
    """The kernel with these changes."""
    return {"kernel": {**KERNEL, **changes}}


def hypervisor(**changes: Any) -> Change:
    """The hypervisor with these changes."""
    return {"hypervisor": {**HYPERVISOR, **changes}}


def image(**changes: Any) -> Change:
    """An image with these changes."""
    return {"image": {**IMAGE, **changes}}


def hardware(**properties: Any) -> Change:
    """A virtual machine with these properties of its hardware."""
    return {"hwConfig": properties}


def pages(**changes: Any) -> Change:
    """A range of pages with these changes; None removes."""
    return hardware(iomems=[{name: value for name, value in {**PAGES, **changes}.items() if value is not None}])


VALID = [
    valid(
        "vm with a kernel only",
        {},
        *(f"kernel.{one}" for one in ("required", "form", "path.required", "path.absolute")),
    ),
    valid(
        "vm with everything about its kernel",
        kernel(parameters=["foo=bar", "hello world"], initrd="/path/to/initrd.img"),
        *(f"kernel.{one}" for one in ("form", "path.absolute", "initrd.absolute")),
    ),
    valid(
        "vm with a hypervisor",
        hypervisor(parameters=["opts1=foo", "opts2=bar"]),
        *(f"hypervisor.{one}" for one in ("form", "path.required", "path.absolute")),
    ),
    valid("vm with a hypervisor without parameters", hypervisor(parameters=[]), "hypervisor.form"),
    *(
        valid(
            f"vm with an image in the format {one}",
            image(format=one),
            *(f"image.{what}" for what in ("form", "path.required", "path.absolute", "format.required")),
        )
        for one in FORMATS
    ),
    valid("vm with an image in a format that is not set", image(format=""), "image.format.required"),
    valid(
        "vm with everything about its hardware",
        hardware(
            deviceTree="/path/to/vm/devicetree.dtb",
            vcpus=1,
            memory=4194304,
            dtdevs=["path/to/dev1_node", "path/to/dev2_node"],
            iomems=[PAGES, {"firstGFN": 12544, "firstMFN": 33024, "nrMFNs": 2}],
            irqs=[11, 22],
        ),
        *("hw_config.form", *(f"hw_config.iomems.{one}" for one in ("form", "first_mfn.required", "nr_mfns.required"))),
    ),
    valid("vm with hardware without anything", hardware(dtdevs=[], iomems=[], irqs=[]), "hw_config.form"),
    valid("vm with a page that is the first", pages(firstGFN=0, firstMFN=0), "hw_config.iomems.form"),
    valid("vm with something unknown", {"firmware": "/path/to/ovmf.fd"}),
]

INVALID = [
    invalid("vm without a kernel", {"kernel": None}, "schema.required", "kernel", "kernel.required"),
    invalid(
        "vm with the path of a kernel alone", {"kernel": "/path/to/vmlinuz"}, "schema.type", "kernel", "kernel.form"
    ),
    invalid(
        "vm with a kernel without a path", {"kernel": {}}, "schema.required", "kernel.path", "kernel.path.required"
    ),
    invalid(
        "vm with a relative kernel", kernel(path="vmlinuz"), "schema.pattern", "kernel.path", "kernel.path.absolute"
    ),
    invalid(
        "vm with an empty path of a kernel", kernel(path=""), "schema.pattern", "kernel.path", "kernel.path.absolute"
    ),
    invalid(
        "vm with a kernel in the home directory",
        kernel(path="~/vmlinuz"),
        "schema.pattern",
        "kernel.path",
        "kernel.path.absolute",
    ),
    invalid("vm with kernels", kernel(path=["/path/to/vmlinuz"]), "schema.type", "kernel.path", "kernel.form"),
    invalid(
        "vm with the parameters of a kernel as a line",
        kernel(parameters="foo=bar hello"),
        *("schema.type", "kernel.parameters", "kernel.form"),
    ),
    invalid(
        "vm with the parameters of a kernel by name",
        kernel(parameters={"foo": "bar"}),
        *("schema.type", "kernel.parameters", "kernel.form"),
    ),
    invalid(
        "vm with a number for a parameter of a kernel",
        kernel(parameters=["quiet", 1]),
        *("schema.type", "kernel.parameters[1]", "kernel.form"),
    ),
    invalid(
        "vm with a relative initrd",
        kernel(initrd="initrd.img"),
        "schema.pattern",
        "kernel.initrd",
        "kernel.initrd.absolute",
    ),
    invalid(
        "vm with an initrd that is an object",
        kernel(initrd={"path": "/initrd"}),
        "schema.type",
        "kernel.initrd",
        "kernel.form",
    ),
    invalid(
        "vm with an initrd of no path", kernel(initrd=""), "schema.pattern", "kernel.initrd", "kernel.initrd.absolute"
    ),
    invalid("vm with the name of a hypervisor", {"hypervisor": "qemu"}, "schema.type", "hypervisor", "hypervisor.form"),
    invalid("vm with hypervisors", {"hypervisor": [HYPERVISOR]}, "schema.type", "hypervisor", "hypervisor.form"),
    invalid(
        "vm with a hypervisor without a path",
        {"hypervisor": {"parameters": []}},
        *("schema.required", "hypervisor.path", "hypervisor.path.required"),
    ),
    invalid(
        "vm with a hypervisor from PATH",
        hypervisor(path="qemu-system-x86_64"),
        *("schema.pattern", "hypervisor.path", "hypervisor.path.absolute"),
    ),
    invalid(
        "vm with a hypervisor that a Go program did not set",
        {"hypervisor": {"path": ""}},
        *("schema.pattern", "hypervisor.path", "hypervisor.path.absolute"),
    ),
    invalid(
        "vm with a hypervisor by a number", hypervisor(path=1), "schema.type", "hypervisor.path", "hypervisor.form"
    ),
    invalid(
        "vm with the parameters of a hypervisor as a line",
        hypervisor(parameters="opts1=foo"),
        *("schema.type", "hypervisor.parameters", "hypervisor.form"),
    ),
    invalid(
        "vm with the path of an image alone", {"image": "/path/to/vm/rootfs.img"}, "schema.type", "image", "image.form"
    ),
    invalid(
        "vm with an image without a path",
        {"image": {"format": "raw"}},
        "schema.required",
        "image.path",
        "image.path.required",
    ),
    invalid(
        "vm with an image without a format",
        {"image": {"path": "/path/to/vm/rootfs.img"}},
        *("schema.required", "image.format", "image.format.required"),
    ),
    invalid(
        "vm with a relative image", image(path="./rootfs.img"), "schema.pattern", "image.path", "image.path.absolute"
    ),
    invalid(
        "vm with an image at an address",
        image(path="https://example.org/a.img"),
        "schema.pattern",
        "image.path",
        "image.path.absolute",
    ),
    invalid(
        "vm with a path of an image that is no string", image(path=True), "schema.type", "image.path", "image.form"
    ),
    invalid("vm with a list of formats", image(format=["raw", "qcow2"]), "schema.type", "image.format", "image.form"),
    invalid("vm with a list of hardware", {"hwConfig": []}, "schema.type", "hwConfig", "hw_config.form"),
    invalid(
        "vm with several device trees",
        hardware(deviceTree=["/one.dtb"]),
        "schema.type",
        "hwConfig.deviceTree",
        "hw_config.form",
    ),
    invalid("vm with processors as a string", hardware(vcpus="2"), "schema.type", "hwConfig.vcpus", "hw_config.form"),
    invalid("vm with half a processor", hardware(vcpus=0.5), "schema.type", "hwConfig.vcpus", "hw_config.form"),
    invalid(
        "vm with fewer than no processors", hardware(vcpus=-1), "schema.minimum", "hwConfig.vcpus", "hw_config.form"
    ),
    invalid("vm with memory with a unit", hardware(memory="4M"), "schema.type", "hwConfig.memory", "hw_config.form"),
    invalid("vm with negative memory", hardware(memory=-1), "schema.minimum", "hwConfig.memory", "hw_config.form"),
    invalid(
        "vm with one node as a string",
        hardware(dtdevs="path/to/dev1_node"),
        "schema.type",
        "hwConfig.dtdevs",
        "hw_config.form",
    ),
    invalid(
        "vm with a node that is a number",
        hardware(dtdevs=["one", 2]),
        "schema.type",
        "hwConfig.dtdevs[1]",
        "hw_config.form",
    ),
    invalid(
        "vm with one range of pages alone",
        hardware(iomems=PAGES),
        "schema.type",
        "hwConfig.iomems",
        "hw_config.iomems.form",
    ),
    invalid(
        "vm with pages as xl.cfg has them",
        hardware(iomems=["3000,1@3100"]),
        *("schema.type", "hwConfig.iomems[0]", "hw_config.iomems.form"),
    ),
    invalid(
        "vm with pages without a first",
        pages(firstMFN=None, firstGFN=1),
        *("schema.required", "hwConfig.iomems[0].firstMFN", "hw_config.iomems.first_mfn.required"),
    ),
    invalid(
        "vm with pages without a number of them",
        pages(nrMFNs=None),
        *("schema.required", "hwConfig.iomems[0].nrMFNs", "hw_config.iomems.nr_mfns.required"),
    ),
    invalid(
        "vm with a page in hexadecimal",
        pages(firstMFN="0x3000"),
        *("schema.type", "hwConfig.iomems[0].firstMFN", "hw_config.iomems.form"),
    ),
    invalid(
        "vm with a negative number of pages",
        pages(nrMFNs=-1),
        *("schema.minimum", "hwConfig.iomems[0].nrMFNs", "hw_config.iomems.form"),
    ),
    invalid(
        "vm with a page before the first",
        pages(firstGFN=-1),
        *("schema.minimum", "hwConfig.iomems[0].firstGFN", "hw_config.iomems.form"),
    ),
    invalid("vm with one interrupt alone", hardware(irqs=11), "schema.type", "hwConfig.irqs", "hw_config.form"),
    invalid(
        "vm with an interrupt as a string",
        hardware(irqs=[11, "22"]),
        "schema.type",
        "hwConfig.irqs[1]",
        "hw_config.form",
    ),
    invalid(
        "vm with a negative interrupt", hardware(irqs=[-11]), "schema.minimum", "hwConfig.irqs[0]", "hw_config.form"
    ),
]

WARNED = [
    doubtful("vm with an uncommon format", image(format="vhdx"), "vm.image_format", "image.format", "note"),
    doubtful("vm with a format in another case", image(format="QCOW2"), "vm.image_format", "image.format", "note"),
    doubtful("vm 1.2.1 with hardware", hardware(vcpus=1), "version.newer", "hwConfig", "warning", "1.2.1"),
    doubtful(
        "vm with hardware as the Go types of the specification call it",
        {"hwconfig": {"vcpus": 1}},
        *("names.spelling", "hwconfig", "warning"),
    ),
]
