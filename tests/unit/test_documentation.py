"""Nothing that a user meets is undocumented: commands, options, settings, faults, metrics, dependencies."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from floorlog import errors
from floorlog.cli import app
from floorlog.config import SETTINGS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operators.md").read_text(encoding="utf-8")
SOURCES = [path for folder in ("floorlog", "pipelines", "workers") for path in (ROOT / folder).rglob("*.py")]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "infra").rglob("*.md")]


def commands(command: Any, path: str = "floorlog") -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, with the words that call it."""
    children = getattr(command, "commands", {})
    if not children or command.invoke_without_command:
        yield path, command
    for name, child in children.items():
        yield from commands(child, f"{path} {name}")


def section(path: str) -> str | None:
    """Return what the operator's guide says under the heading of a command."""
    found = re.search(rf"^### `{re.escape(path)}(?= |`).*?\n(.*?)(?=^##|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return found[1] if found else None


def reasons(error: type[errors.FloorlogError]) -> Iterator[str]:
    """Yield the reason of each error that is raised, not of the families that they belong to."""
    children = error.__subclasses__()
    if not children:
        yield error.reason
    for child in children:
        yield from reasons(child)


def test_each_command_and_option_is_in_the_operators_guide() -> None:
    """An operator has the guide, not the code, when a meeting has begun."""
    missing = []
    for path, command in commands(typer.main.get_command(app)):
        text = section(path)
        if text is None:
            missing.append(path)
            continue
        options = [
            option
            for parameter in command.params
            for option in [*parameter.opts, *parameter.secondary_opts]
            if option.startswith("--")
        ]
        missing += [f"{path} {option}" for option in options if option != "--help" and f"`{option}`" not in text]
    assert missing == []


def test_the_guide_describes_no_command_that_is_gone() -> None:
    """A described command that does not exist costs more than a missing description."""
    known = {path for path, _ in commands(typer.main.get_command(app))}
    described = [re.sub(r" \[?[A-Z].*", "", heading) for heading in re.findall(r"^### `([^`]+)`", GUIDE, re.MULTILINE)]
    assert [heading for heading in described if heading not in known] == []


def test_each_setting_is_in_the_guide_with_its_default() -> None:
    """A default that is told wrongly is worse than one that is not told."""
    rows = [f"| `{setting.env}` | `{setting.field}` | `{setting.default}` |" for setting in SETTINGS]
    assert [row for row in rows if row not in GUIDE] == []


def test_each_reason_of_a_fault_is_in_the_runbook() -> None:
    """A dead letter names its reason; the runbook says what to do about it."""
    table = GUIDE[GUIDE.index("## Dead letters, by reason") :]
    assert [reason for reason in reasons(errors.FloorlogError) if f"| `{reason}` |" not in table] == []


def test_each_metric_is_in_the_guide() -> None:
    """A number without a meaning raises no alarm."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    metrics = set(re.findall(r'"(floorlog_[a-z_]+)"', source))
    assert [metric for metric in sorted(metrics) if f"`{metric}`" not in GUIDE] == []


def test_each_dependency_has_its_reason() -> None:
    """A dependency that nobody can give a reason for is one to remove."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = [
        *project["dependencies"],
        *(entry for extra in project["optional-dependencies"].values() for entry in extra),
    ]
    named = {re.split(r"[^A-Za-z0-9._-]", entry, maxsplit=1)[0] for entry in required}
    table = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z0-9._-]+)`", "\n".join(re.findall(r"^\| (`[^|]+)\|", table, re.MULTILINE))))
    assert sorted(named - described) == []


def test_each_make_target_says_what_it_does() -> None:
    """Bare `make` prints these lines."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    assert [
        target for target in targets[1].split() if not re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE)
    ] == []


def test_make_calls_commands_that_exist() -> None:
    """A target that calls a command that is gone fails on somebody else's machine."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = {path for path, _ in commands(typer.main.get_command(app))}
    called = {f"floorlog {words}" for words in re.findall(r"\$\(BIN\)/floorlog ([a-z]+(?: [a-z]+)?)", makefile)}
    assert sorted(call for call in called if call not in known) == []


def test_each_decision_is_listed() -> None:
    """A decision that is not listed is found by nobody."""
    folder = ROOT / "docs/decisions"
    listing = (folder / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name for name in decisions if f"({name})" not in listing] == []
    assert len({name[:4] for name in decisions}) == len(decisions)


def test_links_lead_somewhere() -> None:
    """A link between documents breaks silently when a file moves."""
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_alerts_and_contents_lead_to_headings_of_the_guide() -> None:
    """Whoever is woken by an alert must land on the entry that helps."""
    headings = re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    rules = (ROOT / "infra/prometheus/alerts.yaml").read_text(encoding="utf-8")
    wanted = {*re.findall(r"docs/operators\.md#([\w-]+)", rules), *re.findall(r"\]\(#([\w-]+)\)", GUIDE)}
    assert wanted - anchors == set()
