from pathlib import Path

import pytest

from tests.privacy.store import BuiltStore, build


@pytest.fixture
def built(tmp_path: Path) -> BuiltStore:
    return build(tmp_path)
