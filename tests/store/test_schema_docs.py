from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.store import migrations, schema_docs


def test_the_page_is_what_the_migrations_say() -> None:
    page = schema_docs.SCHEMA_PAGE.read_text(encoding="utf-8")
    assert page == schema_docs.render_schema(), "run: python -m pipeline.store.schema_docs"


def test_a_missing_comment_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for migration in migrations.load_migrations():
        (tmp_path / f"{migration.version:04d}_{migration.name}.sql").write_text(migration.sql)
    number = len(migrations.load_migrations()) + 1
    (tmp_path / f"{number:04d}_bare.sql").write_text("CREATE TABLE base.bare (a INT);")
    monkeypatch.setattr(schema_docs, "migrate", lambda con, path: migrations.migrate(con, path, tmp_path))
    with pytest.raises(StoreError, match=r"no comment on base.bare, base.bare.a; add COMMENT ON"):
        schema_docs.render_schema()
