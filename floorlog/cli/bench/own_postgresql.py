"""A PostgreSQL server for one measurement: its own folder, no port, the settings that PostgreSQL comes with."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs; None where there are none."""
    found = shutil.which("initdb") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)
    return None if found is None else Path(found).resolve().parent


@contextmanager
def served(programs: Path, folder: Path) -> Iterator[str]:
    """Run a server, on the cores that this process may use now, and give the URL of its database.

    Args:
        programs: Folder of its programs.
        folder: Where its files go; made by this, and removed at the end.
    """
    folder.mkdir()
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        names = {entry.pw_name for entry in pwd.getpwall()}
        account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **as_user)

    data, control = str(folder / "data"), str(programs / "pg_ctl")
    run(str(programs / "initdb"), "-D", data, "-U", "floorlog", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses=''"
    run(control, "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "-t", "120", "start")
    try:
        yield f"postgresql://floorlog@/postgres?host={folder}"
    finally:
        run(control, "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
