"""Control groups, Huge page limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance import needs, requirement
from conformance.facts import cgroup
from conformance.host.cgroups import page_sizes

if TYPE_CHECKING:
    import pytest

    from conformance.facts.cgroup import Cgroup
    from conformance.fixtures import MakeContainer

LIMIT = 2 << 30

pytestmark: pytest.MarkDecorator = needs("cgroup.managed")


def limited(container: MakeContainer, *sizes: str) -> Cgroup:
    """The cgroup of a new container with limits of huge pages of these sizes."""
    limits = [{"pageSize": size, "limit": LIMIT} for size in sizes]
    one = container(linux={"resources": {"hugepageLimits": limits}})
    return cgroup.of(one.create_supporting(f"a limit of huge pages of {' and '.join(sizes)}"))


def reserved(found: Cgroup, size: str) -> int | None:
    """The limit of reservations."""
    return found.number(v1=f"hugetlb.{size}.rsvd.limit_in_bytes", v2=f"hugetlb.{size}.rsvd.max")


def faulted(found: Cgroup, size: str) -> int | None:
    """The limit of page faults."""
    return found.number(v1=f"hugetlb.{size}.limit_in_bytes", v2=f"hugetlb.{size}.max")


@requirement("config_linux.resources.huge_page_limits.applied", "config_linux.resources.huge_page_limits.reservation")
@needs("cgroup.hugetlb.reservations")
def test_limit_is_one_of_reservations(container: MakeContainer) -> None:
    size = page_sizes()[0]
    assert reserved(limited(container, size), size) == LIMIT


@requirement("config_linux.resources.huge_page_limits.applied", "config_linux.resources.huge_page_limits.fault")
@needs("cgroup.hugetlb.faults")
def test_limit_is_one_of_page_faults_if_reservations_have_none(container: MakeContainer) -> None:
    size = page_sizes()[0]
    assert faulted(limited(container, size), size) == LIMIT


@requirement("config_linux.resources.huge_page_limits.page_size.base")
@needs("cgroup.hugetlb")
def test_every_size_has_its_limit(container: MakeContainer) -> None:
    found = limited(container, *page_sizes())
    for size in page_sizes():
        assert LIMIT in (reserved(found, size), faulted(found, size)), f"pages of {size} have no limit"
