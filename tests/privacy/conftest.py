from pathlib import Path

import pytest

from tests.privacy.store import BuiltStore, build, moved


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltStore, Path]:
    """For copying."""
    root = tmp_path_factory.mktemp("built")
    return build(root), root


@pytest.fixture
def built(built_once: tuple[BuiltStore, Path], tmp_path: Path) -> BuiltStore:
    return moved(*built_once, tmp_path)
