"""Audio objects in a folder or a bucket, addressed by URI (fsspec): `/data/objects`, `file://…`, `gs://bucket/…`.

An object appears whole or not at all. In a local folder it is written aside, synced and renamed; object stores
give that by themselves. Writing the same object again is harmless.
"""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from typing import Any

import fsspec

from floorlog.errors import InvalidObjectName, InvalidSetting, ObjectNotReady, ObjectNotStored

_LOCAL = {"file", "local"}
# No http: an announcement must not make us ask around in a network.
_PROTOCOLS = _LOCAL | {"memory", "gs", "gcs", "s3", "s3a", "abfs", "az"}


def join(base: str, *names: str) -> str:
    """Return the URI of an object below `base`: one name for each folder, the object's own name last.

    Raises:
        InvalidObjectName: a name is empty, holds a slash, a backslash or a null byte, or is a way out (`..`).
    """
    _check(base)
    for name in names:
        if not name or name in {".", ".."}:
            raise InvalidObjectName(name, "it must name something")
        if "/" in name or "\\" in name:
            raise InvalidObjectName(name, "one name holds no slash")
        _check(name)
    stem = base if base.endswith("://") else base.rstrip("/") + "/"
    return stem + "/".join(names)


def put(uri: str, data: bytes) -> None:
    """Store an object whole, replacing the one of the same URI; when this returns, it survives a crash.

    Raises:
        InvalidObjectName: the URI leads nowhere, or out of its folder.
        ObjectNotStored: no room, no right, or no answer.
    """
    filesystem, path = _open(uri)
    try:
        if _is_local(filesystem):
            _put_local(Path(path), data)
        else:
            filesystem.pipe_file(path, data)
    except _passing_faults() as fault:
        raise ObjectNotStored(uri, str(fault)) from fault


def get(uri: str) -> bytes:
    """Return an object's bytes.

    Raises:
        InvalidObjectName: the URI leads nowhere, or out of its folder.
        ObjectNotReady: there is no such object, or it cannot be read now.
    """
    filesystem, path = _open(uri)
    try:
        return bytes(filesystem.cat_file(path))
    except _passing_faults() as fault:
        raise ObjectNotReady(uri) from fault


def exists(uri: str) -> bool:
    """Return whether there is an object of this URI.

    Raises:
        InvalidObjectName: the URI leads nowhere, or out of its folder.
        ObjectNotReady: the place did not answer.
    """
    filesystem, path = _open(uri)
    try:
        return bool(filesystem.info(path)["type"] == "file")  # isfile takes any fault for "no"
    except (FileNotFoundError, NotADirectoryError):
        return False
    except _passing_faults() as fault:
        raise ObjectNotReady(uri) from fault


def size(uri: str) -> int:
    """Return an object's length in bytes.

    Raises:
        InvalidObjectName: the URI leads nowhere, or out of its folder.
        ObjectNotReady: there is no such object, or it cannot be read now.
    """
    filesystem, path = _open(uri)
    try:
        return int(filesystem.size(path))
    except _passing_faults() as fault:
        raise ObjectNotReady(uri) from fault


def _check(name: str) -> None:
    if "\0" in name:
        raise InvalidObjectName(name, "it holds a null byte")
    if "::" in name:
        raise InvalidObjectName(name, "chained file systems are not followed")
    if ".." in name.replace("\\", "/").split("/"):
        raise InvalidObjectName(name, "it leads out of its folder")


def _open(uri: str) -> tuple[Any, str]:
    _check(uri)
    if not uri.rstrip("/"):
        raise InvalidObjectName(uri, "it must name something")
    if "://" in uri and uri.split("://", 1)[0] not in _PROTOCOLS:
        raise InvalidObjectName(uri, f"its protocol is none of {', '.join(sorted(_PROTOCOLS))}")
    try:
        filesystem, path = fsspec.core.url_to_fs(uri)
    except ImportError as fault:  # the protocol is known, its package is not installed
        raise InvalidSetting("FLOORLOG_OBJECTS_URL", uri, f"{fault} (gs:// comes with floorlog[dataflow])") from fault
    except ValueError as fault:
        raise InvalidObjectName(uri, str(fault)) from fault
    return filesystem, path


def _passing_faults() -> tuple[type[BaseException], ...]:
    """Return what reading and writing may raise without a bug of ours; buckets' errors only where they are loaded."""
    names = (
        ("gcsfs.retry", "HttpError"),
        ("gcsfs.retry", "ChecksumError"),
        ("aiohttp", "ClientError"),
        ("google.auth.exceptions", "GoogleAuthError"),
    )
    loaded = [getattr(sys.modules[module], name) for module, name in names if module in sys.modules]
    return (OSError, *loaded)


def _is_local(filesystem: Any) -> bool:
    protocols = filesystem.protocol if isinstance(filesystem.protocol, tuple) else (filesystem.protocol,)
    return not _LOCAL.isdisjoint(protocols)


def _put_local(path: Path, data: bytes) -> None:
    _make_folder(path.parent)
    aside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)  # still there only if one of the three failed
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a loss of power: a rename alone does not (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
