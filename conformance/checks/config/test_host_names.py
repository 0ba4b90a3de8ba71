"""Hostname and Domainname without a uts namespace of the container's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import requirement
from conformance.bundle.config import namespaces_without

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

INHERITED: dict[str, Any] = {"hostname": None, "linux": {"namespaces": namespaces_without("uts")}}


@requirement("config.hostname.runtime_namespace")
def test_hostname_is_the_runtime_s_without_a_uts_namespace(container: MakeContainer) -> None:
    assert container(**INHERITED).facts().hostname == os.uname().nodename


@requirement("config.domainname.runtime_namespace")
def test_domainname_is_the_runtime_s_without_a_uts_namespace(container: MakeContainer) -> None:
    domainname = Path("/proc/sys/kernel/domainname").read_text(encoding="utf-8").rstrip("\n")
    assert container(**INHERITED).facts().domainname == domainname
