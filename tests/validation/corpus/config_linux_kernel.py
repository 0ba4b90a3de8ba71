"""Documents on what config-linux.md has for the kernel: resctrl, the memory policy, sysctl, the personality."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.config_linux import Change, invalid, newer, valid, warned


def policy(mode: str, **properties: Any) -> Change:
    """A memory policy."""
    return {"memoryPolicy": {"mode": mode, **properties}}


VALID = [
    valid(
        "everything of intelRdt",
        {
            "intelRdt": {
                "closID": "guaranteed_group",
                "l3CacheSchema": "L3:0=7f0;1=1f",
                "memBwSchema": "MB:0=20;1=70",
                "schemata": ["L3:0=7f0;1=1f", "L2:0=f;1=f;2=f;3=f", "MB:0=20;1=70"],
                "enableMonitoring": True,
            }
        },
        *(f"intel_rdt.{one}" for one in ("form", "clos_id", "schemata.newlines")),
        *(f"intel_rdt.l3_cache_schema.{one}" for one in ("prefix", "newlines")),
        *(f"intel_rdt.mem_bw_schema.{one}" for one in ("prefix", "newlines")),
    ),
    valid("default class of service", {"intelRdt": {"closID": "/"}}, "intel_rdt.clos_id"),
    valid("nothing of intelRdt", {"intelRdt": {}}, "intel_rdt.form"),
    valid(
        "memory policy with nodes and a flag",
        policy("MPOL_INTERLEAVE", nodes="2-3", flags=["MPOL_F_STATIC_NODES"]),
        *(f"memory_policy.{one}" for one in ("form", "mode.required", "mode.known", "nodes.form", "nodes.of_mode")),
        *("memory_policy.flags.known", "memory_policy.flags.of_mode"),
    ),
    *(
        valid(f"memory policy {mode} of some nodes", policy(mode, nodes="0-3,7,9-9"), "memory_policy.nodes.of_mode")
        for mode in ("MPOL_BIND", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY")
    ),
    *(
        valid(f"memory policy {mode} of no nodes", policy(mode), "memory_policy.nodes.of_mode")
        for mode in ("MPOL_DEFAULT", "MPOL_LOCAL", "MPOL_PREFERRED")
    ),
    valid("memory policy with an empty list of nodes", policy("MPOL_LOCAL", nodes=""), "memory_policy.nodes.form"),
    valid(
        "memory policy that is balanced",
        policy("MPOL_BIND", nodes="0", flags=["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES"]),
        "memory_policy.flags.of_mode",
    ),
    valid(
        "kernel parameters",
        {"sysctl": {"net.ipv4.ip_forward": "1", "net.ipv4.ping_group_range": "0 0", "kernel.msgmax": ""}},
        *("sysctl.form", "sysctl.name"),
    ),
    valid("kernel parameter with slashes", {"sysctl": {"net/ipv4/conf/eth0.100/forwarding": "1"}}, "sysctl.name"),
    valid(
        "personality of 32 bits",
        {"personality": {"domain": "LINUX32", "flags": []}},
        *(f"personality.{one}" for one in ("form", "domain.required", "domain.known", "flags")),
    ),
    valid("personality", {"personality": {"domain": "LINUX"}}, "personality.domain.known"),
]

INVALID = [
    # Resource Director Technology
    invalid("intelRdt that is a class", {"intelRdt": "one"}, "schema.type", "intelRdt", "intel_rdt.form"),
    *(
        invalid(
            f"intelRdt with the {name} {value!r}",
            {"intelRdt": {name: value}},
            rule,
            f"intelRdt.{path}",
            f"intel_rdt.{one}",
        )
        for name, value, rule, path, one in (
            ("closID", 1, "schema.type", "closID", "form"),
            ("closID", "", "intel_rdt.clos_id", "closID", "clos_id"),
            ("closID", "..", "intel_rdt.clos_id", "closID", "clos_id"),
            ("closID", "groups/one", "intel_rdt.clos_id", "closID", "clos_id"),
            ("closID", "/one", "intel_rdt.clos_id", "closID", "clos_id"),
            ("l3CacheSchema", ["L3:0=7f0"], "schema.type", "l3CacheSchema", "form"),
            ("memBwSchema", 20, "schema.type", "memBwSchema", "form"),
            ("memBwSchema", "", "schema.pattern", "memBwSchema", "mem_bw_schema.prefix"),
            ("memBwSchema", "0=20;1=70", "schema.pattern", "memBwSchema", "mem_bw_schema.prefix"),
            ("memBwSchema", "mb:0=20", "schema.pattern", "memBwSchema", "mem_bw_schema.prefix"),
            ("memBwSchema", " MB:0=20", "schema.pattern", "memBwSchema", "mem_bw_schema.prefix"),
            ("memBwSchema", "MB:0=20\n", "intel_rdt.mem_bw_newlines", "memBwSchema", "mem_bw_schema.newlines"),
            ("memBwSchema", "MB:0=20\nMB:1=7", "intel_rdt.mem_bw_newlines", "memBwSchema", "mem_bw_schema.newlines"),
            ("schemata", "L3:0=7f0", "schema.type", "schemata", "form"),
            ("schemata", [20], "schema.type", "schemata[0]", "form"),
            ("schemata", ["L3:0=f", "MB:0=20\n"], "intel_rdt.schemata_newlines", "schemata[1]", "schemata.newlines"),
            ("enableMonitoring", "true", "schema.type", "enableMonitoring", "form"),
            ("enableMonitoring", 1, "schema.type", "enableMonitoring", "form"),
        )
    ),
    # Memory policy
    invalid(
        "memory policy that is a mode",
        {"memoryPolicy": "MPOL_BIND"},
        "schema.type",
        "memoryPolicy",
        "memory_policy.form",
    ),
    invalid(
        "memory policy without a mode",
        {"memoryPolicy": {"nodes": "0"}},
        *("schema.required", "memoryPolicy.mode", "memory_policy.mode.required"),
    ),
    *(
        invalid(
            f"memory policy {mode!r}",
            {"memoryPolicy": {"mode": mode, "nodes": "0"}},
            *("schema.enum", "memoryPolicy.mode", "memory_policy.mode.known"),
        )
        for mode in ("bind", "BIND", "MPOL_INTERLEAVED", "mpol_bind", "")
    ),
    invalid(
        "memory policy whose mode is a number",
        {"memoryPolicy": {"mode": 2, "nodes": "0"}},
        *("schema.type", "memoryPolicy.mode", "memory_policy.form"),
    ),
    invalid(
        "memory policy whose nodes are a list",
        policy("MPOL_BIND", nodes=[0, 1]),
        *("schema.type", "memoryPolicy.nodes", "memory_policy.form"),
    ),
    *(
        invalid(
            f"memory policy of the nodes {nodes!r}",
            policy("MPOL_BIND", nodes=nodes),
            *("memory_policy.nodes", "memoryPolicy.nodes", "memory_policy.nodes.form"),
        )
        for nodes in ("0,", ",1", "0 1", "0-", "-3", "3-0", "0..3", "all", "0x3", "1-2-3", "٣")
    ),
    *(
        invalid(
            f"memory policy {mode} without nodes",
            policy(mode, **nodes),
            *("memory_policy.nodes_of_mode", "memoryPolicy.nodes", "memory_policy.nodes.of_mode"),
        )
        for mode, nodes in (
            ("MPOL_BIND", {}),
            ("MPOL_INTERLEAVE", {"nodes": ""}),
            ("MPOL_WEIGHTED_INTERLEAVE", {}),
            ("MPOL_PREFERRED_MANY", {"flags": []}),
        )
    ),
    *(
        invalid(
            f"memory policy {mode} with nodes",
            policy(mode, nodes="0"),
            *("memory_policy.nodes_of_mode", "memoryPolicy.nodes", "memory_policy.nodes.of_mode"),
        )
        for mode in ("MPOL_DEFAULT", "MPOL_LOCAL")
    ),
    invalid(
        "memory policy whose flags are one",
        policy("MPOL_LOCAL", flags="MPOL_F_STATIC_NODES"),
        *("schema.type", "memoryPolicy.flags", "memory_policy.form"),
    ),
    invalid(
        "memory policy whose flag is a number",
        policy("MPOL_LOCAL", flags=[8192]),
        *("schema.type", "memoryPolicy.flags[0]", "memory_policy.form"),
    ),
    *(
        invalid(
            f"memory policy with the flag {flag!r}",
            policy("MPOL_PREFERRED", nodes="0", flags=[flag]),
            *("schema.enum", "memoryPolicy.flags[0]", "memory_policy.flags.known"),
        )
        for flag in ("MPOL_STATIC_NODES", "STATIC", "MPOL_MF_MOVE", "mpol_f_static_nodes")
    ),
    invalid(
        "memory policy with flags that exclude each other",
        policy("MPOL_BIND", nodes="0", flags=["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]),
        *("memory_policy.flags", "memoryPolicy.flags[1]", "memory_policy.flags.of_mode"),
    ),
    invalid(
        "memory policy that cannot be balanced",
        policy("MPOL_INTERLEAVE", nodes="0", flags=["MPOL_F_NUMA_BALANCING"]),
        *("memory_policy.flags", "memoryPolicy.flags[0]", "memory_policy.flags.of_mode"),
    ),
    # Kernel parameters
    invalid(
        "kernel parameters that are a list",
        {"sysctl": ["net.ipv4.ip_forward=1"]},
        "schema.type",
        "sysctl",
        "sysctl.form",
    ),
    *(
        invalid(
            f"kernel parameter with the value {value!r}",
            {"sysctl": {"net.ipv4.ip_forward": value}},
            *("schema.type", "sysctl['net.ipv4.ip_forward']", "sysctl.form"),
        )
        for value in (1, True, ["1"])
    ),
    invalid(
        "kernel parameters of nested objects",
        {"sysctl": {"net": {"ipv4": {"ip_forward": "1"}}}},
        *("schema.type", "sysctl.net", "sysctl.form"),
    ),
    *(
        invalid(
            f"kernel parameter {name!r}", {"sysctl": {name: "1"}}, "sysctl.name", f"sysctl['{name}']", "sysctl.name"
        )
        for name in (
            "",
            ".",
            "net..ip_forward",
            ".net.ipv4.ip_forward",
            "net.ipv4.",
            "/proc/sys/net",
            "net/../kernel/panic",
        )
    ),
    # Personality
    invalid(
        "personality that is a domain", {"personality": "LINUX32"}, "schema.type", "personality", "personality.form"
    ),
    invalid(
        "personality without a domain",
        {"personality": {}},
        "schema.required",
        "personality.domain",
        "personality.domain.required",
    ),
    *(
        invalid(
            f"personality of the domain {domain!r}",
            {"personality": {"domain": domain}},
            *(f"schema.{keyword}", "personality.domain", f"personality.{one}"),
        )
        for domain, keyword, one in (
            ("linux", "enum", "domain.known"),
            ("PER_LINUX32", "enum", "domain.known"),
            ("LINUX64", "enum", "domain.known"),
            ("", "enum", "domain.known"),
            (8, "type", "form"),
        )
    ),
    invalid(
        "personality with a flag",
        {"personality": {"domain": "LINUX", "flags": ["ADDR_NO_RANDOMIZE"]}},
        *("personality.flags", "personality.flags[0]", "personality.flags"),
    ),
    invalid(
        "personality with a flag that is a number",
        {"personality": {"domain": "LINUX", "flags": [262144]}},
        *("schema.type", "personality.flags[0]", "personality.form"),
    ),
    invalid(
        "personality whose flags are one",
        {"personality": {"domain": "LINUX", "flags": "ADDR_NO_RANDOMIZE"}},
        *("schema.type", "personality.flags", "personality.form"),
    ),
]

WARNED = [
    warned(
        "schema of caches without its beginning",
        {"intelRdt": {"l3CacheSchema": "0=7f0;1=1f"}},
        *("intel_rdt.l3_cache_prefix", "intelRdt.l3CacheSchema", "intel_rdt.l3_cache_schema.prefix"),
    ),
    warned(
        "schema of other caches",
        {"intelRdt": {"l3CacheSchema": "L2:0=f"}},
        *("intel_rdt.l3_cache_prefix", "intelRdt.l3CacheSchema", "intel_rdt.l3_cache_schema.prefix"),
    ),
    warned(
        "schema of caches of two lines",
        {"intelRdt": {"l3CacheSchema": "L3:0=7f0\nMB:0=20"}},
        *("intel_rdt.l3_cache_newlines", "intelRdt.l3CacheSchema", "intel_rdt.l3_cache_schema.newlines"),
    ),
    newer("class of service before 1.0.2", "1.0.1", {"intelRdt": {"closID": "one"}}, "intelRdt.closID"),
    newer("schemata before 1.3.0", "1.2.1", {"intelRdt": {"schemata": ["MB:0=20"]}}, "intelRdt.schemata"),
    newer("memory policy before 1.3.0", "1.2.0", policy("MPOL_LOCAL", flags=[]), "memoryPolicy"),
    newer("personality before 1.0.2", "1.0.0", {"personality": {"domain": "LINUX"}}, "personality"),
]
