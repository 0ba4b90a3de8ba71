"""Documents on config-windows.md."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

VOLUME = "\\\\?\\Volume{ec84d99e-3f02-11e7-ac6c-00155d7682cf}\\"
SERVER: Change = {"root": {"path": VOLUME}, "process": None, "mounts": None, "linux": None}
"""What makes a config for a Windows Server container of the base."""

LAYERS = ["C:\\Layers\\layer1", "C:\\Layers\\layer-base", "C:\\scratch"]
GUID = "24E552D7-6523-47F7-A647-D3465BF1F5CA"
DEVICE = {"id": GUID, "idType": "class"}
GROUP = {"mask": 3, "group": 0}


def valid(name: str, changes: Change, *conforms: str, top: Change | None = None) -> Valid:
    """A valid `windows`; the requirements are named without the document."""
    return Valid(name, {**SERVER, **windows(changes), **(top or {})}, conforms=_ids(conforms))


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A `windows` with an error; the path is the one below it, too."""
    return Invalid(name, {**SERVER, **windows(changes)}, rule, f"$.windows.{path}", _ids(breaks))


def warned(name: str, changes: Change, rule: str, path: str, *breaks: str, version: str = "1.3.0") -> Warned:
    """A `windows` with something doubtful, in a document of that version."""
    document = {**SERVER, **windows(changes), "ociVersion": version}
    return Warned(name, document, rule, f"$.windows.{path}", _ids(breaks))


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_windows.{name}" for name in names)


def windows(changes: Change) -> Change:
    """`windows` with layers, if there are no others in the changes."""
    return {"windows": {"layerFolders": LAYERS, **changes}}


def devices(*listed: Any) -> Change:
    """These devices."""
    return {"devices": [*listed]}


def device(**changes: Any) -> Change:
    """A device with these changes; None removes."""
    return devices({name: value for name, value in {**DEVICE, **changes}.items() if value is not None})


def cpu(**properties: Any) -> Change:
    """These limits of the processors."""
    return {"resources": {"cpu": properties}}


def affinity(**changes: Any) -> Change:
    """The affinity to one group with these changes; None removes."""
    return cpu(affinity=[{name: value for name, value in {**GROUP, **changes}.items() if value is not None}])


VALID = [
    valid(
        "windows with layers and nothing else",
        {},
        *(f"layer_folders.{one}" for one in ("required", "form", "not_empty")),
    ),
    valid("windows with a scratch only", {"layerFolders": ["C:\\scratch"]}, "layer_folders.not_empty"),
    valid(
        "windows with devices",
        devices(DEVICE, {"id": "5175d334-c371-4806-b3ba-71fd53c9258d", "idType": "class"}),
        *(f"devices.{one}" for one in ("form", "id.required", "id.guid", "id_type.required", "id_type.known")),
    ),
    valid("windows with a device in braces", device(id=f"{{{GUID}}}"), "devices.id.guid"),
    valid("windows without devices", devices(), "devices.form"),
    valid(
        "windows with all kinds of resources",
        {
            "resources": {
                "memory": {"limit": 2097152},
                "cpu": {"maximum": 5000},
                "storage": {"iops": 50, "bps": 18446744073709551615, "sandboxSize": 21474836480},
            }
        },
        *("resources.form", "resources.memory.form", "resources.cpu.form", "resources.storage.form"),
        *("resources.cpu.exclusive", "resources.cpu.maximum.range"),
    ),
    valid("windows with empty resources", {"resources": {"memory": {}, "cpu": {}, "storage": {}}}, "resources.form"),
    valid("windows with the largest maximum", cpu(maximum=10000), "resources.cpu.maximum.range"),
    valid("windows with the largest shares", cpu(shares=10000), "resources.cpu.shares.range"),
    valid("windows with no shares at all", cpu(shares=0), "resources.cpu.shares.range"),
    valid("windows with a count of processors", cpu(count=2), "resources.cpu.exclusive"),
    valid(
        "windows 1.0.2 with shares that are large, and a count",
        cpu(shares=65535, count=4),
        *("resources.cpu.form", "resources.cpu.exclusive"),
        top={"ociVersion": "1.0.2"},
    ),
    valid(
        "windows with affinity to two groups",
        cpu(affinity=[GROUP, {"mask": 18446744073709551615, "group": 4294967295}]),
        *(f"resources.cpu.affinity.{one}" for one in ("form", "mask.required", "group.required", "exclusive")),
    ),
    valid(
        "windows with endpoints",
        {
            "network": {
                "endpointList": ["7a010682-17e0-4455-a838-02e5d9655fe6"],
                "allowUnqualifiedDNSQuery": True,
                "DNSSearchList": ["a.com", "b.com"],
                "networkSharedContainerName": "containerName",
            }
        },
        *("network.form", "network.namespace.exclusive"),
    ),
    valid(
        "windows with a network namespace",
        {"network": {"networkNamespace": "168f3daf-efc6-4377-b20a-2c86764ba892"}},
        "network.namespace.exclusive",
    ),
    valid(
        "windows with an empty network namespace, which is none",
        {"network": {"networkNamespace": "", "endpointList": ["7a010682-17e0-4455-a838-02e5d9655fe6"]}},
        "network.namespace.exclusive",
    ),
    valid(
        "windows with a group Managed Service Account",
        {
            "credentialSpec": {
                "ActiveDirectoryConfig": {"GroupManagedServiceAccounts": [{"Name": "WebApp01", "Scope": "CONTOSO"}]},
                "CmsPlugins": ["ActiveDirectory"],
            }
        },
        "credential_spec.form",
    ),
    valid(
        "windows that is serviced and does not flush",
        {"servicing": True, "ignoreFlushesDuringBoot": False},
        *("servicing.form", "ignore_flushes_during_boot.form"),
    ),
    valid(
        "windows with a utility virtual machine",
        {"hyperv": {"utilityVMPath": "C:\\path\\to\\utilityvm"}},
        "hyperv.form",
        top={"root": None},
    ),
    valid("windows in Hyper-V", {"hyperv": {}}, "hyperv.form", top={"root": None}),
    valid("windows with something unknown", {"resources": {"accelerators": 1}, "com.example": []}),
]

INVALID = [
    invalid(
        "windows without layers",
        {"layerFolders": None},
        *("schema.required", "layerFolders", "layer_folders.required"),
    ),
    invalid(
        "windows with no layer", {"layerFolders": []}, "schema.minItems", "layerFolders", "layer_folders.not_empty"
    ),
    invalid(
        "windows with one layer as a string",
        {"layerFolders": "C:\\Layers\\layer1;C:\\scratch"},
        *("schema.type", "layerFolders", "layer_folders.form"),
    ),
    invalid(
        "windows with layers by name",
        {"layerFolders": {"scratch": "C:\\scratch"}},
        *("schema.type", "layerFolders", "layer_folders.form"),
    ),
    invalid(
        "windows with a layer that is an object",
        {"layerFolders": ["C:\\Layers\\layer1", {"path": "C:\\scratch"}]},
        *("schema.type", "layerFolders[1]", "layer_folders.form"),
    ),
    invalid("windows with a device alone", {"devices": DEVICE}, "schema.type", "devices", "devices.form"),
    invalid(
        "windows with a device as Docker has it", devices(f"class/{GUID}"), "schema.type", "devices[0]", "devices.form"
    ),
    invalid(
        "windows with a device without an ID",
        device(id=None),
        *("schema.required", "devices[0].id", "devices.id.required"),
    ),
    invalid(
        "windows with a device without a type of its ID",
        device(idType=None),
        *("schema.required", "devices[0].idType", "devices.id_type.required"),
    ),
    invalid("windows with a device by a number", device(id=7), "schema.type", "devices[0].id", "devices.form"),
    invalid(
        "windows with a device whose type is a list",
        device(idType=["class"]),
        *("schema.type", "devices[0].idType", "devices.form"),
    ),
    invalid(
        "windows with a device of another type",
        device(id="PCIP\\VEN_10DE&DEV_1EB8", idType="vpci-instance-id"),
        *("schema.enum", "devices[0].idType", "devices.id_type.known"),
    ),
    invalid(
        "windows with a device type in another case",
        device(idType="Class"),
        *("schema.enum", "devices[0].idType", "devices.id_type.known"),
    ),
    invalid(
        "windows with the name of a class of devices",
        device(id="Display"),
        *("windows.device_guid", "devices[0].id", "devices.id.guid"),
    ),
    invalid(
        "windows with a GUID that lacks a digit",
        devices(DEVICE, {**DEVICE, "id": GUID[:-1]}),
        *("windows.device_guid", "devices[1].id", "devices.id.guid"),
    ),
    invalid(
        "windows with a GUID that has a letter too far",
        device(id=GUID.replace("A", "G")),
        *("windows.device_guid", "devices[0].id", "devices.id.guid"),
    ),
    invalid(
        "windows with a GUID without hyphens",
        device(id=GUID.replace("-", "")),
        *("windows.device_guid", "devices[0].id", "devices.id.guid"),
    ),
    invalid(
        "windows with a GUID with half of its braces",
        device(id=f"{{{GUID}"),
        *("windows.device_guid", "devices[0].id", "devices.id.guid"),
    ),
    invalid("windows with a list of resources", {"resources": []}, "schema.type", "resources", "resources.form"),
    invalid(
        "windows with a limit of memory alone",
        {"resources": {"memory": 2097152}},
        *("schema.type", "resources.memory", "resources.memory.form"),
    ),
    invalid(
        "windows with memory with a unit",
        {"resources": {"memory": {"limit": "2GB"}}},
        *("schema.type", "resources.memory.limit", "resources.memory.form"),
    ),
    invalid(
        "windows with unlimited memory as in Linux",
        {"resources": {"memory": {"limit": -1}}},
        *("schema.minimum", "resources.memory.limit", "resources.memory.form"),
    ),
    invalid(
        "windows with memory of more than 64 bits",
        {"resources": {"memory": {"limit": 18446744073709551616}}},
        *("schema.maximum", "resources.memory.limit", "resources.memory.form"),
    ),
    invalid(
        "windows with processors as a number",
        {"resources": {"cpu": 2}},
        "schema.type",
        "resources.cpu",
        "resources.cpu.form",
    ),
    invalid(
        "windows with half a processor", cpu(count=0.5), "schema.type", "resources.cpu.count", "resources.cpu.form"
    ),
    invalid(
        "windows with fewer than no processors",
        cpu(count=-1),
        "schema.minimum",
        "resources.cpu.count",
        "resources.cpu.form",
    ),
    invalid(
        "windows with shares just too large",
        cpu(shares=10001),
        *("schema.maximum", "resources.cpu.shares", "resources.cpu.shares.range"),
    ),
    invalid(
        "windows with shares of more than 16 bits",
        cpu(shares=65536),
        "schema.maximum",
        "resources.cpu.shares",
        "resources.cpu.form",
    ),
    invalid(
        "windows with negative shares", cpu(shares=-1), "schema.minimum", "resources.cpu.shares", "resources.cpu.form"
    ),
    invalid(
        "windows with shares as a string",
        cpu(shares="1024"),
        "schema.type",
        "resources.cpu.shares",
        "resources.cpu.form",
    ),
    invalid(
        "windows with a maximum just too large",
        cpu(maximum=10001),
        *("schema.maximum", "resources.cpu.maximum", "resources.cpu.maximum.range"),
    ),
    invalid(
        "windows with a maximum in percent",
        cpu(maximum=12.5),
        "schema.type",
        "resources.cpu.maximum",
        "resources.cpu.form",
    ),
    invalid(
        "windows with a count and a maximum",
        cpu(count=2, maximum=5000),
        *("windows.cpu_limits", "resources.cpu", "resources.cpu.exclusive"),
    ),
    invalid(
        "windows with a count and shares",
        cpu(count=2, shares=500),
        *("windows.cpu_limits", "resources.cpu", "resources.cpu.exclusive"),
    ),
    invalid(
        "windows with all limits of processors",
        cpu(count=2, shares=500, maximum=5000),
        *("windows.cpu_limits", "resources.cpu", "resources.cpu.exclusive"),
    ),
    invalid(
        "windows with affinity as the JSON Schema of the specification has it",
        cpu(affinity=GROUP),
        *("schema.type", "resources.cpu.affinity", "resources.cpu.affinity.form"),
    ),
    invalid(
        "windows with affinity to numbers",
        cpu(affinity=[0]),
        *("schema.type", "resources.cpu.affinity[0]", "resources.cpu.affinity.form"),
    ),
    invalid(
        "windows with affinity without a mask",
        affinity(mask=None),
        *("schema.required", "resources.cpu.affinity[0].mask", "resources.cpu.affinity.mask.required"),
    ),
    invalid(
        "windows with affinity without a group",
        affinity(group=None),
        *("schema.required", "resources.cpu.affinity[0].group", "resources.cpu.affinity.group.required"),
    ),
    invalid(
        "windows with a mask in hexadecimal",
        affinity(mask="0xff"),
        *("schema.type", "resources.cpu.affinity[0].mask", "resources.cpu.affinity.form"),
    ),
    invalid(
        "windows with a mask of more than 64 bits",
        affinity(mask=18446744073709551616),
        *("schema.maximum", "resources.cpu.affinity[0].mask", "resources.cpu.affinity.form"),
    ),
    invalid(
        "windows with a group of more than 32 bits",
        affinity(group=4294967296),
        *("schema.maximum", "resources.cpu.affinity[0].group", "resources.cpu.affinity.form"),
    ),
    invalid(
        "windows with a negative group",
        affinity(group=-1),
        *("schema.minimum", "resources.cpu.affinity[0].group", "resources.cpu.affinity.form"),
    ),
    invalid(
        "windows with a list of limits of storage",
        {"resources": {"storage": [{"iops": 50}]}},
        *("schema.type", "resources.storage", "resources.storage.form"),
    ),
    *(
        invalid(
            f"windows with {name} as a string",
            {"resources": {"storage": {name: "50"}}},
            *("schema.type", f"resources.storage.{name}", "resources.storage.form"),
        )
        for name in ("iops", "bps", "sandboxSize")
    ),
    invalid(
        "windows with negative operations in a second",
        {"resources": {"storage": {"iops": -1}}},
        *("schema.minimum", "resources.storage.iops", "resources.storage.form"),
    ),
    invalid("windows with the name of a network", {"network": "nat"}, "schema.type", "network", "network.form"),
    invalid(
        "windows with one endpoint as a string",
        {"network": {"endpointList": "7a010682-17e0-4455-a838-02e5d9655fe6"}},
        *("schema.type", "network.endpointList", "network.form"),
    ),
    invalid(
        "windows with an endpoint that is an object",
        {"network": {"endpointList": [{"id": "7a010682-17e0-4455-a838-02e5d9655fe6"}]}},
        *("schema.type", "network.endpointList[0]", "network.form"),
    ),
    invalid(
        "windows with a boolean in a string",
        {"network": {"allowUnqualifiedDNSQuery": "true"}},
        *("schema.type", "network.allowUnqualifiedDNSQuery", "network.form"),
    ),
    invalid(
        "windows with suffixes with commas between them",
        {"network": {"DNSSearchList": "a.com,b.com"}},
        *("schema.type", "network.DNSSearchList", "network.form"),
    ),
    invalid(
        "windows with several containers to share the network with",
        {"network": {"networkSharedContainerName": ["one"]}},
        *("schema.type", "network.networkSharedContainerName", "network.form"),
    ),
    invalid(
        "windows with a network namespace as in Linux",
        {"network": {"networkNamespace": {"type": "network"}}},
        *("schema.type", "network.networkNamespace", "network.form"),
    ),
    invalid(
        "windows with credentials as Docker writes them",
        {"credentialSpec": '{"CmsPlugins":["ActiveDirectory"]}'},
        *("schema.type", "credentialSpec", "credential_spec.form"),
    ),
    invalid(
        "windows with a list of credentials",
        {"credentialSpec": []},
        "schema.type",
        "credentialSpec",
        "credential_spec.form",
    ),
    invalid("windows that is serviced by a number", {"servicing": 1}, "schema.type", "servicing", "servicing.form"),
    invalid(
        "windows that is serviced by a string", {"servicing": "true"}, "schema.type", "servicing", "servicing.form"
    ),
    invalid(
        "windows that does not flush by a string",
        {"ignoreFlushesDuringBoot": "yes"},
        *("schema.type", "ignoreFlushesDuringBoot", "ignore_flushes_during_boot.form"),
    ),
    Invalid(
        "windows in Hyper-V by a boolean",
        {**SERVER, **windows({"hyperv": True}), "root": None},
        *("schema.type", "$.windows.hyperv", ("config_windows.hyperv.form",)),
    ),
    Invalid(
        "windows with several utility virtual machines",
        {**SERVER, **windows({"hyperv": {"utilityVMPath": ["C:\\one", "C:\\two"]}}), "root": None},
        *("schema.type", "$.windows.hyperv.utilityVMPath", ("config_windows.hyperv.form",)),
    ),
]

WARNED = [
    warned(
        "windows with affinity and a maximum, as Kubernetes has them",
        cpu(affinity=[GROUP], maximum=5000),
        *("windows.cpu_affinity", "resources.cpu.affinity", "resources.cpu.affinity.exclusive"),
    ),
    warned(
        "windows with a network namespace and endpoints",
        {"network": {"networkNamespace": "one", "endpointList": ["7a010682-17e0-4455-a838-02e5d9655fe6"]}},
        *("windows.network_namespace", "network.networkNamespace", "network.namespace.exclusive"),
    ),
    warned(
        "windows with a network namespace and all the rest, as the example of the text",
        {
            "network": {
                "endpointList": ["7a010682-17e0-4455-a838-02e5d9655fe6"],
                "allowUnqualifiedDNSQuery": True,
                "DNSSearchList": ["a.com", "b.com"],
                "networkSharedContainerName": "containerName",
                "networkNamespace": "168f3daf-efc6-4377-b20a-2c86764ba892",
            }
        },
        *("windows.network_namespace", "network.networkNamespace", "network.namespace.exclusive"),
    ),
    warned("windows 1.0.1 with devices", devices(DEVICE), "version.newer", "devices", version="1.0.1"),
    warned(
        "windows 1.0.1 with a network namespace",
        {"network": {"networkNamespace": "one"}},
        *("version.newer", "network.networkNamespace"),
        version="1.0.1",
    ),
    warned("windows 1.2.0 with affinity", affinity(), "version.newer", "resources.cpu.affinity", version="1.2.0"),
    warned(
        "windows with a misspelt list of endpoints",
        {"network": {"endPointList": ["7a010682-17e0-4455-a838-02e5d9655fe6"]}},
        *("names.spelling", "network.endPointList"),
    ),
    warned("windows with Hyper-V in another case", {"hyperV": {}}, "names.spelling", "hyperV"),
]
