"""What this machine lacks to run Floorlog or its tests, and how to get it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from floorlog.adapters import model_files, voice_embedding
from floorlog.config import Settings
from floorlog.errors import ModelMissing

PYTHON_MIN, PYTHON_END = (3, 11), (3, 14)
"""The versions that pyproject.toml allows: from the first up to, not including, the last."""

FREE_BYTES = 2 * 2**30
"""Space wanted in the data folder: a two-hour meeting takes about 0.25 GiB a channel as FLAC, the joined model 0.14."""

CLOUD_SDK_FOLDERS = (
    "/usr/lib/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "~/google-cloud-sdk",
)
"""Where Google's packages and its installer put the Cloud SDK."""

EMULATOR_JAR = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"

POSTGRES_FOLDERS = "/usr/lib/postgresql/*/bin"
"""Where Debian's packages put PostgreSQL's server programs; they are not on the PATH."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for.

    Args:
        name: what it is.
        ok: whether it is there and as it should be.
        required: whether Floorlog does not run without it; the rest is for its tests or for later.
        found: what was seen.
        remedy: how to get it.
    """

    name: str
    ok: bool
    required: bool
    found: str
    remedy: str


def checks(settings: Settings) -> list[Check]:
    """Return what was looked for on this machine, the required things first."""
    return [
        python(sys.version_info[:3]),
        packages(_requirements()),
        recogniser(settings.model),
        voice(),
        data_folder(settings.data_dir),
        disk_space(settings.data_dir),
        port(settings.host, settings.port),
        program(
            "chromium",
            ("chromium", "chromium-browser", "google-chrome"),
            "apt-get install chromium libatomic1",
            "page tests",
        ),
        postgres(),
        program("java", ("java",), "apt-get install default-jre-headless", "the Pub/Sub emulator"),
        emulator(os.environ),
        program("node", ("node",), "apt-get install nodejs", "building the review page, in a later version"),
    ]


def python(version: tuple[int, int, int]) -> Check:
    """Look at the version of the interpreter."""
    ok = PYTHON_MIN <= version[:2] < PYTHON_END
    remedy = "install Python 3.11, 3.12 or 3.13, remove .venv, and run: make setup PYTHON=python3.11"
    return Check("python", ok, True, ".".join(map(str, version)), remedy)


def packages(requirements: Iterable[str]) -> Check:
    """Look for the distributions behind requirements such as `fsspec>=2025.3`; extras are left out."""
    names = [re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0] for text in requirements if "extra ==" not in text]
    missing = [name for name in names if not _installed(name)]
    if not names:
        return Check("packages", False, True, "floorlog is not installed in this environment", "make setup")
    found = f"{len(names) - len(missing)} of {len(names)}" + (f"; missing: {', '.join(missing)}" if missing else "")
    return Check("packages", not missing, True, found, "make setup")


def recogniser(model: str) -> Check:
    """Look for the recogniser's files; the offline model is joined and its checksum taken.

    A model of the hub is not fetched here: that can take minutes.
    """
    if model != model_files.BASE_OFFLINE and not Path(model).expanduser().is_dir():
        return Check("recogniser", True, True, f"{model}, fetched from the hub when it is first needed", "")
    try:
        files = model_files.resolve(model)
    except ModelMissing as fault:
        return Check("recogniser", False, True, "not usable", fault.remedy)
    return Check("recogniser", True, True, f"{files.name}, sha256 {files.sha256[:12]}…", "")


def voice(model: Path = voice_embedding.MODEL, sha256: str = voice_embedding.SHA256) -> Check:
    """Look for the voice model, and take its checksum."""
    if not model.is_file():
        found = f"no {model.name}"
    elif (digest := hashlib.sha256(model.read_bytes()).hexdigest()) != sha256:
        found = f"{model.name} has sha256 {digest[:12]}…, expected {sha256[:12]}…"
    else:
        return Check("voice model", True, True, f"{model.name}, sha256 {sha256[:12]}…", "")
    return Check("voice model", False, True, found, "it belongs to the repository: git checkout -- floorlog/data/voice")


def data_folder(folder: Path) -> Check:
    """Look whether the data folder, or the nearest folder above it that exists, can be written."""
    try:
        with tempfile.TemporaryFile(dir=_nearest(folder)):
            pass
    except OSError as fault:
        return Check(
            "data folder", False, True, f"{folder}: {fault.strerror}", "choose another: --data or FLOORLOG_DATA"
        )
    return Check("data folder", True, True, str(folder), "")


def disk_space(folder: Path, wanted_bytes: int = FREE_BYTES) -> Check:
    """Look whether there is room for audio where the data folder is."""
    free = shutil.disk_usage(_nearest(folder)).free
    remedy = "make room, or choose a folder on another disk: --data or FLOORLOG_DATA"
    found = f"{free / 2**30:.1f} GiB free, {wanted_bytes / 2**30:.1f} wanted"
    return Check("disk space", free >= wanted_bytes, True, found, remedy)


def port(host: str, number: int) -> Check:
    """Look whether the pages' port is free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as fault:
            remedy = "end what listens there (perhaps Floorlog itself), or choose another: --port or FLOORLOG_PORT"
            return Check("port", False, True, f"{host}:{number}: {fault.strerror}", remedy)
    return Check("port", True, True, f"{host}:{number} is free", "")


def program(name: str, commands: Sequence[str], remedy: str, use: str) -> Check:
    """Look for a program on the PATH under any of its names."""
    path = next((found for command in commands if (found := shutil.which(command))), None)
    return Check(name, path is not None, False, path or f"not found; for {use}", remedy)


def postgres(folders: str = POSTGRES_FOLDERS) -> Check:
    """Look for PostgreSQL's server programs, which tests start a server of their own with."""
    places = [*sorted(Path("/").glob(folders.lstrip("/")), reverse=True), *map(Path, os.get_exec_path())]
    place = next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)
    found = str(place) if place else "not found; for tests, or as the store"
    return Check("postgresql", place is not None, False, found, "apt-get install postgresql")


def emulator(environ: Mapping[str, str], folders: Sequence[str] = CLOUD_SDK_FOLDERS) -> Check:
    """Look for Google's Pub/Sub emulator: one that runs, a jar that is named, or the jar of a Cloud SDK."""
    remedy = "apt-get install google-cloud-cli-pubsub-emulator, or name the jar in FLOORLOG_PUBSUB_EMULATOR_JAR"
    if address := environ.get("PUBSUB_EMULATOR_HOST"):
        return Check("pub/sub emulator", True, False, f"PUBSUB_EMULATOR_HOST={address}", remedy)
    if named := environ.get("FLOORLOG_PUBSUB_EMULATOR_JAR"):
        return Check("pub/sub emulator", Path(named).is_file(), False, f"FLOORLOG_PUBSUB_EMULATOR_JAR={named}", remedy)
    gcloud = shutil.which("gcloud")
    roots = [Path(folder).expanduser() for folder in folders]
    roots += [Path(gcloud).resolve().parents[1]] if gcloud else []
    jar = next((jar for root in roots for jar in sorted(root.glob(EMULATOR_JAR), reverse=True)), None)
    found = str(jar) if jar else f"no {EMULATOR_JAR}; for tests"
    return Check("pub/sub emulator", jar is not None, False, found, remedy)


def _requirements() -> list[str]:
    """Return what the installed distribution asks for; nothing where it is not installed."""
    return (metadata.requires("floorlog") or []) if _installed("floorlog") else []


def _installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())
