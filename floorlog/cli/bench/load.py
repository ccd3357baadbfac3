"""An open loop of requests: each is sent when it is due, whatever became of those before it."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from floorlog.client.following import Lines

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: which operation it counts for, its path below `/v1`, its parameters."""

    operation: str
    path: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Timed:
    """How long requests took, in ms from the moment at which each was due, by operation; and what went wrong."""

    took_ms: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    wall_s: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Return `p50_ms` and `p99_ms` of each operation, the largest `p99_ms` of all, and how many were answered."""
        each = {
            name: {
                "requests": len(took),
                "p50_ms": round(float(np.percentile(took, 50)), 1),
                "p99_ms": round(float(np.percentile(took, 99)), 1),
                "slowest_ms": round(max(took), 1),
            }
            for name, took in sorted(self.took_ms.items())
        }
        answered = sum(len(took) for took in self.took_ms.values())
        return {
            "p99_ms": max((figures["p99_ms"] for figures in each.values()), default=None),
            "requests_per_s": round(answered / self.wall_s, 1),
            "errors": dict(self.errors),
            "operations": each,
        }


async def open_loop(http: httpx.AsyncClient, plan: Sequence[Asked], per_s: float) -> Timed:
    """Send requests at an even pace, and return how long each took.

    A request that had to wait for the others counts from when it was due, not from when it was sent: otherwise a server
    that stands still for a second would have one slow request instead of a hundred ("coordinated omission").
    """
    timed = Timed()
    began = time.perf_counter()

    async def ask(asked: Asked, due: float) -> None:
        try:
            answer = await http.get(asked.path, params=asked.parameters)
        except httpx.HTTPError as fault:
            timed.errors[f"{asked.operation}: {type(fault).__name__}"] += 1
            return
        if answer.status_code != 200:
            timed.errors[f"{asked.operation}: {answer.status_code}"] += 1
            return
        timed.took_ms.setdefault(asked.operation, []).append((time.perf_counter() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        for number, asked in enumerate(plan):
            due = began + number / per_s
            while (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(ask(asked, due))
    timed.wall_s = time.perf_counter() - began
    return timed


@dataclass(slots=True)
class Delivered:
    """When each event was committed, and when each subscriber had it; moments of `time.perf_counter`."""

    committed: dict[str, float] = field(default_factory=dict)
    received: list[tuple[str, float]] = field(default_factory=list)
    connected: int = 0

    def figures(self, subscribers: int) -> dict[str, Any]:
        """Return how late deliveries were, in ms after the commit, and how many of those that were due came."""
        late = [(at - self.committed[name]) * 1000 for name, at in self.received if name in self.committed]
        return {
            "stream_slowest_ms": round(max(late), 1) if late else None,
            "stream_p50_ms": round(float(np.percentile(late, 50)), 1) if late else None,
            "stream_events": len(self.committed),
            "stream_subscribers": subscribers,
            "stream_missing": len(self.committed) * subscribers - len(late),
        }


async def subscribe(http: httpx.AsyncClient, delivered: Delivered, parameters: dict[str, str]) -> None:
    """Listen to the stream until cancelled, and note when each event came, by the record that it is about."""
    lines = Lines()
    async with http.stream("GET", "stream", params=parameters, headers={"accept-encoding": "identity"}) as answer:
        answer.raise_for_status()
        delivered.connected += 1
        async for chunk in answer.aiter_raw():
            at = time.perf_counter()
            for message in lines.take(chunk):
                if message.id is not None and message.data:
                    delivered.received.append((json.loads(message.data)["subject"], at))


async def with_subscribers(
    http: httpx.AsyncClient,
    plan: Sequence[Asked],
    per_s: float,
    subscribers: int,
    parameters: dict[str, str],
    commit: Callable[[Delivered], None],
    every_s: float,
) -> tuple[Timed, Delivered]:
    """Send requests while events are committed and subscribers listen; return how both fared.

    Args:
        http: Sends all of it.
        plan: The requests.
        per_s: Their pace.
        subscribers: How many listen.
        parameters: What each asks the stream for.
        commit: Commits one event and notes when; called in a thread.
        every_s: How often it is called.
    """
    delivered = Delivered()
    listening = [asyncio.create_task(subscribe(http, delivered, parameters)) for _ in range(subscribers)]
    while delivered.connected < subscribers:
        if any(task.done() for task in listening):
            await asyncio.gather(*listening)  # raises what went wrong
        await asyncio.sleep(0.05)

    async def write() -> None:
        while True:
            await asyncio.to_thread(commit, delivered)
            await asyncio.sleep(every_s)

    writing = asyncio.create_task(write())
    timed = await open_loop(http, plan, per_s)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing  # raises why nothing was committed, if that is so
    until = time.perf_counter() + TIMEOUT_S
    while len(delivered.received) < len(delivered.committed) * subscribers and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return timed, delivered


def mixture(kinds: Sequence[tuple[float, Callable[[random.Random], Asked]]], count: int, seed: int) -> list[Asked]:
    """Return so many requests of several kinds, each as often as its share says."""
    chance = random.Random(seed)
    chosen = chance.choices([make for _, make in kinds], [share for share, _ in kinds], k=count)
    return [make(chance) for make in chosen]
