"""Commands about this machine: doctor, models, schemas validate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import emit, fail, ready, say


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(doctor)
    app.command()(models)
    schemas = typer.Typer(help="The contracts: one JSON Schema a document.", no_args_is_help=True)
    schemas.command("validate")(validate)
    schemas.command("list")(list_schemas)
    app.add_typer(schemas, name="schemas")


def doctor(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say what is missing on this machine and how to get it; exit 1 if something that is needed is missing."""
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from floorlog.services import doctor as checking

    settings = ready(data_dir=data)
    checks = checking.checks(settings)
    if as_json:
        emit([asdict(check) for check in checks])
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for check in checks:
            mark = "[green]ok[/green]" if check.ok else ("[red]missing[/red]" if check.required else "absent")
            need = "" if check.ok else f"[bold]{check.remedy}[/bold]"
            table.add_row(mark, check.name, "\n".join(part for part in (check.found, need) if part))
        Console().print(table)
    if any(check.required and not check.ok for check in checks):
        raise typer.Exit(1)


def models(
    model: Annotated[str | None, typer.Argument(help="base-offline, a name on the hub, or a path.")] = None,
) -> None:
    """Find a recogniser's files (the configured one by default), fetching or joining them; print where they lie."""
    from floorlog.adapters import model_files

    settings = ready(model=model)
    files = model_files.resolve(settings.model)
    emit({"model": files.name, "path": str(files.path), "sha256": files.sha256})


def list_schemas() -> None:
    """List the schemas and their ids."""
    from floorlog import contract

    for name in contract.NAMES:
        print(f"{name}\t{contract.schema(name)['$id']}")


def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON documents; without any, the schemas' own examples are checked.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Schema; the document's own `schema` field by default.")] = None,
) -> None:
    """Validate documents against their schema, naming the JSON path of each fault."""
    from floorlog import contract
    from floorlog.errors import InvalidDocument

    if not files:
        from floorlog.services import suite

        faults = suite.faults()
        for fault in faults:
            say(fault)
        say(f"{suite.count()} examples, {len(faults)} faults")
        if faults:
            raise typer.Exit(1)
        return
    bad = 0
    for path in files:
        try:
            data = path.read_bytes()
            chosen = name or str(json.loads(data).get("schema", "")).split("/")[0]
            contract.validate(chosen, contract.parse(chosen, data))
        except (InvalidDocument, ValueError, OSError) as error:
            bad += 1
            say(f"{path}: {error}")
    if bad:
        raise fail(f"{bad} of {len(files)} documents are not valid")
    say(f"{len(files)} documents are valid")
