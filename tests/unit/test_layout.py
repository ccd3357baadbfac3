"""The layout's rules hold: imports go one way, the core is pure, and modules are named for what they do."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("floorlog", "pipelines", "workers") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

EDGE = {"__init__.py", "__main__.py", "config.py"}
"""Modules beside the core that read the process they run in."""

SHELLS = {"adapters", "cli", "client", "services"}
"""Packages of `floorlog` that are not the core."""

CORE = [
    path
    for path in CODE
    if path.is_relative_to(ROOT / "floorlog") and path.relative_to(ROOT / "floorlog").parts[0] not in SHELLS | EDGE
]

IMPURE = {
    "asyncio",
    "logging",
    "multiprocessing",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "apache_beam",
    "av",
    "fastapi",
    "faster_whisper",
    "fsspec",
    "google",
    "httpx",
    "onnxruntime",
    "sqlalchemy",
    "structlog",
}
"""What a module of the core must not import: clocks, chance, logs, input and output, engines."""

CLOCKS = {"now", "today", "utcnow"}
"""Methods of datetime and date that read a clock."""


def name(path: Path) -> str:
    """Return a path as a failure shows it."""
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, and the packages that they belong to."""
    modules: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return modules | {module.split(".")[0] for module in modules}


def called(path: Path) -> set[str]:
    """Return the names of the functions and methods that a file calls."""
    functions = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return {
        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "") for function in functions
    }


def test_imports_go_one_way() -> None:
    """A stage that imports a later one, or a core that imports a shell, can no longer be read or tested alone."""
    linter = Path(sys.executable).with_name("lint-imports")
    verdict = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stdout[verdict.stdout.find("Contracts") :] + verdict.stderr


def test_the_core_is_pure() -> None:
    """What decides must give the same answer on any day, on any machine, under any engine."""
    assert CORE
    assert {name(path): imported(path) & IMPURE for path in CORE if imported(path) & IMPURE} == {}
    assert {name(path): called(path) & CLOCKS for path in CORE if called(path) & CLOCKS} == {}


def test_modules_are_named_for_their_job() -> None:
    """A module called `utils` has no job, so that everything fits into it."""
    jobless = {"utils", "common", "base", "models", "helpers", "misc"}
    assert [name(path) for path in CODE if path.stem in jobless] == []


def test_a_module_starts_with_a_sentence_about_its_job() -> None:
    """The first line is what a reader sees of most modules."""
    assert [name(path) for path in CODE if not ast.get_docstring(tree(path))] == []


def test_each_test_says_why_it_matters() -> None:
    """Its name says what holds; without the reason nobody dares to change it."""
    silent = [
        f"{name(path)}::{node.name}"
        for path in TESTS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_tests_neither_sleep_nor_patch() -> None:
    """A test that sleeps is slow, or fails on a slow machine; one that patches tests its own patch."""
    assert [name(path) for path in TESTS if "sleep" in called(path)] == []
    assert [name(path) for path in TESTS if {"mock", "unittest"} & imported(path)] == []


def test_dependencies_are_locked_by_hash_and_from_no_address() -> None:
    """A lock that names a registry fails behind a mirror; one without hashes installs whatever it is given."""
    for lock in (ROOT / "requirements.lock", ROOT / "infra/images/requirements.lock"):
        lines = lock.read_text(encoding="utf-8").splitlines()
        assert not any("://" in line or line.startswith("-") for line in lines), lock
        assert sum(" --hash=sha256:" in line for line in lines) >= sum("==" in line for line in lines) > 0, lock
