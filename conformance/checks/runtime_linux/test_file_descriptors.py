"""File descriptors."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from conformance import requirement

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("runtime_linux.file_descriptors.standard_streams_only")
def test_program_has_its_standard_streams_only(container: MakeContainer) -> None:
    descriptors = container().facts().descriptors
    assert sorted(descriptors or {}) == [0, 1, 2]


@requirement("runtime_linux.file_descriptors.standard_streams_only")
@pytest.mark.parametrize("lowest", [3, 50, 500])
def test_descriptor_of_the_caller_is_not_handed_over(container: MakeContainer, lowest: int) -> None:
    one = container()
    reading, writing = os.pipe()
    handed = fcntl.fcntl(writing, fcntl.F_DUPFD, lowest)
    try:
        one.finish_create(one.begin_create(pass_fds=(handed,)))
        descriptors = one.start().facts().descriptors
    finally:
        for descriptor in (reading, writing, handed):
            os.close(descriptor)
    assert sorted(descriptors or {}) == [0, 1, 2]
