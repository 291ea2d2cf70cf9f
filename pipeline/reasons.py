"""The judge's reason codes in words, by language: `configs/reasons/*.yaml`."""

from pathlib import Path

from pipeline.settings import CONFIGS, load_yaml

REASONS = CONFIGS / "reasons"


def load_reasons(language: str, folder: Path = REASONS) -> dict[str, str]:
    """Words by code; empty where nobody has written them in that language yet.

    Raises ConfigurationError when the file is no YAML.
    """
    path = folder / f"{language}.yaml"
    return {str(code): str(text) for code, text in load_yaml(path).items()} if path.exists() else {}
