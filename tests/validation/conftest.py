"""What these tests share: a directory that every user can enter, and being one of the others."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_NOBODY = 65534


@pytest.fixture
def directory() -> Iterator[Path]:
    """Unlike those of pytest, which are for their owner."""
    path = Path(tempfile.mkdtemp(prefix="test-validation-")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def somebody_else() -> Callable[[], AbstractContextManager[None]]:
    """A context in which root, who may read everything, is somebody who may not; anybody else stays who they are."""

    @contextlib.contextmanager
    def context() -> Iterator[None]:
        user = os.geteuid()
        os.seteuid(_NOBODY if user == 0 else user)
        try:
            yield
        finally:
            os.seteuid(user)

    return context
