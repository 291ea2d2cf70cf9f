"""The command `prescore` in the tests' own process: what it printed, and the code that it ended with."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    errors: str


Prescore = Callable[..., Said]


def prescore_on(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Prescore:
    """The command's own entry; `--data` is given unless `at` says otherwise."""

    def prescore(*words: str | Path, at: Path | None = data) -> Said:
        place = [] if at is None else ["--data", str(at)]
        monkeypatch.setattr(sys, "argv", ["prescore", *place, *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    return prescore
