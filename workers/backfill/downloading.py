"""Fetches a recording into a file: whole or not at all, going on where an earlier try was cut off, within bounds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import structlog
from filelock import FileLock

import floorlog
from floorlog.adapters.guarded_network import GuardedTransport
from floorlog.addresses import Policy
from floorlog.errors import OriginUnavailable

TIMEOUT = httpx.Timeout(30.0, connect=10.0)

MOST_REDIRECTS = 5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one download may take.

    Args:
        most_bytes: a recording of a day with video; more is no recording of a meeting.
        most_s: how long it may take in all.
        least_bytes_s: a server that is slower than this after `grace_s` seconds only drips; speech alone needs more.
        tries: connections in a row that bring nothing new, before it is given up for now.
        pause_s: seconds before the next connection.
    """

    most_bytes: int = 64 * 2**30
    most_s: float = 6 * 3600.0
    least_bytes_s: float = 2000.0
    grace_s: float = 60.0
    tries: int = 3
    pause_s: float = 1.0


USUAL = Limits()


class _CutOff(Exception):
    """The connection ended before the file did; never leaves this module."""


def download(
    policy: Policy,
    contact: str,
    url: str,
    folder: Path,
    check: Callable[[Path], object],
    *,
    limits: Limits = USUAL,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Return a file of the folder that holds what an address serves; what was fetched before is not fetched again.

    A part that a cut connection or a killed process left is kept, and the rest is asked for, if the server says that
    the file is still the same (RFC 9110, 13.1.5); else it is fetched anew. Two processes that want one file take turns.

    Args:
        policy: which addresses may be asked.
        contact: how whoever is asked can reach the operator; may be empty.
        url: the address; an operator named it, or it follows from what is known of UN Web TV.
        folder: of downloads; the address names the file in it.
        check: raises where the file is not what is wanted; it is then not kept.
        limits: how much it may take.
        sleep: waits, in seconds.

    Raises:
        AddressRefused: the address, or one that it redirects to, may not be asked.
        OriginUnavailable: it cannot be had now, or is larger or slower than the limits allow.
    """
    suffix = re.sub(r"[^.a-zA-Z0-9]", "", Path(urlsplit(url).path).suffix[:8]) or ".media"
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:20]}{suffix}"
    with FileLock(path.with_name(f".{path.name}.lock")):
        if path.is_file():
            return path
        part = path.with_name(f".{path.name}.part")
        with GuardedTransport() as network:
            agent = f"floorlog/{floorlog.__version__} (automatic meeting log{f'; +{contact}' if contact else ''})"
            headers = {"User-Agent": agent, "Accept-Encoding": "identity"}
            with httpx.Client(transport=network, timeout=TIMEOUT, headers=headers) as client:
                _Download(policy, network, client, url, part, limits, sleep).run()
        try:
            check(part)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
            _mark_of(part).unlink(missing_ok=True)
    return path


class _Download:
    """One download, over as many connections as it takes."""

    def __init__(
        self,
        policy: Policy,
        network: GuardedTransport,
        client: httpx.Client,
        url: str,
        part: Path,
        limits: Limits,
        sleep: Callable[[float], None],
    ) -> None:
        self._policy, self._network, self._client = policy, network, client
        self._url, self._part, self._limits, self._sleep = url, part, limits, sleep
        self._began_s, self._taken = time.monotonic(), 0

    def run(self) -> None:
        """Fetch until the file is whole."""
        in_vain = 0
        while True:
            before = self._taken
            try:
                self._connect()
                return
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, _CutOff) as error:
                why = str(error) or type(error).__name__
                in_vain = 0 if self._taken > before else in_vain + 1
                if in_vain >= self._limits.tries:
                    raise OriginUnavailable(self._url, why) from error
                self._bound()
                log.warning("download.cut-off", url=self._url, why=why, bytes=self._size())
                self._sleep(self._limits.pause_s)

    def _connect(self) -> None:
        url, before = self._url, None
        for _ in range(MOST_REDIRECTS + 1):
            self._policy.check(url, before)
            left_s = self._began_s + self._limits.most_s - time.monotonic()
            mark, size = self._mark(), self._size()
            headers = {"Range": f"bytes={size}-", "If-Range": mark} if mark and size else {}
            with (
                self._network.request(before, left_s),
                self._client.stream("GET", url, headers=headers) as response,
            ):
                if response.has_redirect_location:
                    before, url = url, urljoin(url, response.headers["location"])
                    continue
                self._take(response, size)
                return
        raise OriginUnavailable(self._url, f"more than {MOST_REDIRECTS} redirects")

    def _take(self, response: httpx.Response, size: int) -> None:
        """Write what is answered behind what is there, or in its place."""
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._part.unlink(missing_ok=True)
            raise _CutOff("the part that was kept is no part of it")
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT and size > 0
        if not goes_on and response.status_code != httpx.codes.OK:
            raise OriginUnavailable(self._url, f"HTTP {response.status_code}", response.status_code)
        said = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", response.headers.get("content-range", ""))
        if goes_on and (said is None or int(said[1]) != size):
            self._part.unlink(missing_ok=True)
            raise _CutOff("another part than the one that was asked for")
        whole = said[2] if goes_on and said else response.headers.get("content-length", "")
        expected = int(whole) if whole.isascii() and whole.isdigit() else None
        if expected is not None and expected > self._limits.most_bytes:
            raise OriginUnavailable(self._url, f"{expected} bytes, more than {self._limits.most_bytes}")
        if not goes_on:
            self._part.unlink(missing_ok=True)
            _mark_of(self._part).write_text(json.dumps(_validator(response)), encoding="utf-8")
            size = 0
        with self._part.open("ab") as file:
            for chunk in response.iter_bytes():
                size += file.write(chunk)
                self._taken += len(chunk)
                if size > self._limits.most_bytes:
                    raise OriginUnavailable(self._url, f"more than {self._limits.most_bytes} bytes")
                self._bound()
            file.flush()
            os.fsync(file.fileno())
        if expected is not None and size != expected:
            raise _CutOff(f"{size} of {expected} bytes")

    def _bound(self) -> None:
        """Give up what takes too long.

        Raises:
            OriginUnavailable: it does.
        """
        limits, lasted_s = self._limits, time.monotonic() - self._began_s
        if lasted_s > limits.most_s or (
            lasted_s > limits.grace_s and self._taken < limits.least_bytes_s * (lasted_s - limits.grace_s)
        ):
            raise OriginUnavailable(self._url, f"{self._taken} bytes in {lasted_s:.0f} s are too few")

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.is_file() else 0

    def _mark(self) -> str | None:
        """Return what names the version of the file that the part is of, if the server said it."""
        try:
            found = json.loads(_mark_of(self._part).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, str) else None


def _mark_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _validator(response: httpx.Response) -> str | None:
    """Return a strong name of the version that is served: only such a one may be asked for a part of."""
    tag = response.headers.get("etag", "")
    if tag and not tag.startswith("W/"):
        return str(tag)
    moment: str | None = response.headers.get("last-modified")
    return moment
