"""The API with many records on one core: how long lists, records and searches take, and how late the stream is."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from floorlog.adapters.store import Store, bulk, open_store
from floorlog.cli.bench import own_postgresql
from floorlog.cli.bench.load import TIMEOUT_S, Asked, Delivered, mixture, open_loop, with_subscribers
from floorlog.cli.bench.many_records import ManyRecords, live_meeting, live_record
from workers.everything import free_port

AUTHOR = "bench"
START_S = 180.0
"""How long the API may take to start on a busy machine."""

WARM_S = 5.0
"""Requests of so many seconds come first, and are not counted."""

RANKED_PER_S = 4
"""Ranked searches are rare beside the others: each looks at every record that has the words."""

STORES = ("sqlite", "postgresql")


def measure(
    folder: Path,
    *,
    meetings: int,
    interventions: int,
    seconds: float,
    per_s: float,
    subscribers: int,
    stores: tuple[str, ...],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Return all figures; see docs/operators.md for what each one means.

    The server, and PostgreSQL's processes, run on one core; what asks runs on another where there is one.

    Args:
        folder: Where stores are made; several GB for 200,000 interventions.
        meetings: How many meetings there are.
        interventions: How many records they have together.
        seconds: How long each measurement lasts.
        per_s: Requests a second.
        subscribers: How many listen to the stream.
        stores: Which of `STORES`.
        tell: Is told what is being done.
    """
    cores = sorted(os.sched_getaffinity(0))
    served_by, asked_by = {cores[-1]}, {cores[0]}
    plan = {"seconds": seconds, "per_s": per_s, "subscribers": subscribers}
    found: dict[str, Any] = {"meetings": meetings, "interventions": interventions, "cores": len(cores), **plan}
    try:
        for name in stores:
            os.sched_setaffinity(0, served_by)
            with _database(name, folder / name) as url:
                if url is None:
                    found[name] = None
                    tell("PostgreSQL's server programs are not here: not measured (Debian: apt-get install postgresql)")
                    continue
                os.sched_setaffinity(0, cores)
                records = ManyRecords(meetings, interventions)
                made = _fill(url, records, tell)
                os.sched_setaffinity(0, served_by)
                with _api(url, folder / name) as address:
                    os.sched_setaffinity(0, asked_by)
                    found[name] = made | asyncio.run(_measured(address, url, records, plan, tell))
    finally:
        os.sched_setaffinity(0, cores)
    for key in ("ranked_p99_ms", "stream_slowest_ms"):
        found[key] = max((found[name][key] for name in stores if found[name] and found[name][key]), default=None)
    return found


@contextmanager
def _database(name: str, folder: Path) -> Iterator[str | None]:
    if name == "sqlite":
        folder.mkdir()
        yield f"sqlite:///{folder / 'floorlog.db'}"
    elif (programs := own_postgresql.programs()) is None:
        yield None
    else:
        with own_postgresql.served(programs, folder) as url:
            yield url


def _fill(url: str, records: ManyRecords, tell: Callable[[str], None]) -> dict[str, Any]:
    tell(f"making {records.meetings} meetings and {records.interventions} interventions …")
    began = time.perf_counter()
    store = open_store(url)
    store.migrate()
    for number, (document, written) in enumerate(records.held(), start=1):
        store.add_meeting(document)
        bulk.add_records(store, document["id"], written, AUTHOR)
        if number % max(1, records.meetings // 10) == 0:
            tell(f"  {number} meetings after {time.perf_counter() - began:.0f} s")
    store.add_meeting(live_meeting())
    bulk.settle(store)
    made = {"filled_s": round(time.perf_counter() - began, 1), "store_mb": round(bulk.size_bytes(store) / 2**20)}
    store.close()
    return made


@contextmanager
def _api(url: str, folder: Path) -> Iterator[str]:
    """Serve the API in a process of its own, on the cores that this process may use now, and give its address."""
    port, data = free_port(), folder.with_name(f"{folder.name}-data")
    env = {**os.environ, "DATABASE_URL": url, "FLOORLOG_DATA": str(data), "FLOORLOG_RATE": "0"}
    command = [sys.executable, "-m", "floorlog", "api", "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _await(f"{address}/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(TIMEOUT_S)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > until:
                raise
        time.sleep(0.1)


async def _measured(
    address: str, url: str, records: ManyRecords, plan: dict[str, float], tell: Callable[[str], None]
) -> dict[str, Any]:
    per_s, count = plan["per_s"], round(plan["seconds"] * plan["per_s"])
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=f"{address}/v1", timeout=TIMEOUT_S, limits=limits) as http:
        kinds = await _kinds(http, records)
        await open_loop(http, mixture(kinds, round(WARM_S * per_s), 1), per_s)
        tell(f"{count} requests, {per_s:g} a second …")
        alone = (await open_loop(http, mixture(kinds, count, 2), per_s)).figures()
        tell("ranked search …")
        ranked_plan = mixture([(1.0, _search(records, "ranked"))], round(plan["seconds"] * RANKED_PER_S), 3)
        ranked = (await open_loop(http, ranked_plan, RANKED_PER_S)).figures()
        tell(f"the same with {plan['subscribers']} subscribers …")
        store = open_store(url)
        timed, delivered = await with_subscribers(
            http,
            mixture(kinds, count, 4),
            per_s,
            int(plan["subscribers"]),
            {"after": "now"},
            _committing(store),
            every_s=1.0,
        )
        store.close()
    return {
        **alone,
        "ranked_p99_ms": ranked["p99_ms"],
        "ranked": ranked,
        **delivered.figures(int(plan["subscribers"])),
        "with_subscribers": timed.figures(),
    }


def _committing(store: Store) -> Callable[[Delivered], None]:
    """Return what commits one record of the live meeting, and notes when its transaction was about to end."""

    def commit(delivered: Delivered) -> None:
        content = live_record(len(delivered.committed))
        with store.locked(content["meeting_id"]) as tx:
            revision = tx.add_record(content, "machine", state="machine")
            data = {"record_id": content["id"], "revision": revision, "reason": None}
            tx.emit("record.created", content["id"], data, revision)
            delivered.committed[content["id"]] = time.perf_counter()

    return commit


async def _kinds(http: httpx.AsyncClient, records: ManyRecords) -> list[tuple[float, Callable[[random.Random], Asked]]]:
    """Return what is asked for: lists two fifths, records two fifths, searches one fifth."""
    ids = await _ids(http)
    cursors = await _cursors(http)

    def first(_: random.Random) -> Asked:
        return Asked("list", "interventions")

    def further(chance: random.Random) -> Asked:
        return Asked("list", "interventions", (("cursor", chance.choice(cursors)),) if cursors else ())

    def of_meeting(chance: random.Random) -> Asked:
        meeting = records.meeting_id(chance.randrange(records.meetings))
        return Asked("list", f"meetings/{meeting}/interventions")

    def filtered(chance: random.Random) -> Asked:
        chosen = [("entity", chance.choice(records.state_codes))]
        if chance.random() < 0.5:
            chosen.append(("theme", chance.choice(records.themes)))
        if chance.random() < 0.3:
            chosen.append(("language", chance.choice(records.languages)))
        return Asked("list", "interventions", tuple(chosen))

    def meetings(_: random.Random) -> Asked:
        return Asked("list", "meetings")

    def record(chance: random.Random) -> Asked:
        return Asked("record", f"interventions/{chance.choice(ids)}")

    lists = ((0.1, first), (0.08, further), (0.08, of_meeting), (0.1, filtered), (0.04, meetings))
    return [*lists, (0.4, record), (0.1, _search(records, "common")), (0.1, _search(records, "rare"))]


def _search(records: ManyRecords, how: str) -> Callable[[random.Random], Asked]:
    common, rare = records.common_words(15), records.rare_words(500)

    def search(chance: random.Random) -> Asked:
        words = chance.sample(rare, 1) if how == "rare" else chance.sample(common, chance.randint(1, 2))
        if how == "ranked":
            return Asked("ranked", "search", (("q", " ".join(words)), ("sort", "relevance")))
        return Asked(f"search_{how}", "search", (("q", " ".join(words)),))

    return search


async def _ids(http: httpx.AsyncClient) -> list[str]:
    """Return ids of interventions from all over the years."""
    found: list[str] = []
    for year in range(2016, 2022):
        for month in ("01", "04", "07", "10"):
            page = await http.get("interventions", params={"to": f"{year}-{month}-15", "limit": 100})
            page.raise_for_status()
            found += [item["id"] for item in page.json()["items"]]
    return found


async def _cursors(http: httpx.AsyncClient, pages: int = 30) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(pages):
        page = await http.get("interventions", params={} if cursor is None else {"cursor": cursor})
        page.raise_for_status()
        cursor = page.json()["next"]
        if cursor is None:
            break
        found.append(cursor)
    return found
