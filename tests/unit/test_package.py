"""What is installed from a wheel is whole: the pages, the sample, the models, the contracts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("floorlog", "pipelines", "workers")
NOT_PACKED = {"__pycache__", "bundle", "node_modules"}
"""Compiled files, and the sources of the workbench's scripts: what is built of them is packed."""

IGNORED = shutil.ignore_patterns(*NOT_PACKED, "*.pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, with nothing fetched."""
    sources = tmp_path_factory.mktemp("sources")
    for file in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / file, sources)
    for folder in (*PACKAGES, "schemas"):
        shutil.copytree(ROOT / folder, sources / folder, symlinks=True, ignore=IGNORED)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(sources / "dist")]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(sources)], check=True, capture_output=True)
    (built,) = (sources / "dist").glob("*.whl")
    return built


def test_a_wheel_has_every_file_of_its_packages(wheel: Path) -> None:
    """A template or a model that is left out fails only on the machine that it was installed on."""
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not NOT_PACKED.intersection(path.parts)
    }
    wanted |= {f"floorlog/{path.relative_to(ROOT)}" for path in (ROOT / "schemas").rglob("*.json")}
    assert wanted - packed == set()


def test_an_installed_wheel_finds_its_contracts(wheel: Path, tmp_path: Path) -> None:
    """Every message is checked against them."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from floorlog import contract; print(contract.folder(), len(contract.NAMES))"
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split() == [str(tmp_path / "floorlog/schemas"), "7"]
