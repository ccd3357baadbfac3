"""Which addresses may be asked: whatever an operator names, little of what pages, playlists and answers name."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from floorlog.errors import AddressRefused

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that carry an IPv4 address (RFC 6052)."""

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A host whose last label is a number is an IPv4 address to many programs (WHATWG URL standard, host parsing)."""

_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Policy:
    """Where requests may go.

    Args:
        hosts: hosts that others may name, each with all hosts below it: `un.org` allows `webtv.un.org`.
        schemes: schemes of what others name; `http` is allowed besides to one that was itself reached by `http`.
    """

    hosts: tuple[str, ...]
    schemes: tuple[str, ...] = ("https",)

    def check(self, url: str, named_by: str | None = None) -> None:
        """Refuse an address that may not be asked.

        Args:
            url: the absolute address.
            named_by: the address of the page, playlist, redirect or answer that names it; None where an operator does,
                on the command line or in a meeting's file.

        Raises:
            AddressRefused: it may not be asked; the error says why.
        """
        parts, host = _parts(url)
        if named_by is None:
            return
        naming, naming_host = _parts(named_by)
        if parts.username is not None or parts.password is not None:
            raise AddressRefused(url, "it carries a name or a password", named_by)
        if parts.scheme not in self.schemes and not (parts.scheme == naming.scheme == "http"):
            raise AddressRefused(url, f"{parts.scheme} is not allowed here", named_by)
        if is_private(host) and not is_private(naming_host):
            raise AddressRefused(url, "it is inside this network", named_by)
        if host != naming_host and not self.lists(host):
            raise AddressRefused(
                url, "its host is neither the one that names it nor one of FLOORLOG_ORIGIN_HOSTS", named_by
            )

    def lists(self, host: str) -> bool:
        """Return whether a host is one of `hosts` or below one."""
        return any(host == listed or host.endswith(f".{listed}") for listed in self.hosts)


def host_of(url: str) -> str:
    """Return the host of an address in its one form: lower case, no final dot, no brackets.

    Raises:
        AddressRefused: it is no http or https address with a host.
    """
    return _parts(url)[1]


def is_private(host: str) -> bool:
    """Return whether a host, as written, is this machine or inside this network; a name is not resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return is_private_ip(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_private_ip(address: IpAddress) -> bool:
    """Return whether an address is anything but a public one: loopback, private, link-local, multicast, reserved."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_private_ip(inner)
    return address.is_multicast or not address.is_global


def _parts(url: str) -> tuple[SplitResult, str]:
    """Return an address taken apart, and its host in its one form."""
    if _CONTROL.search(url):
        raise AddressRefused(url, "it holds a space or a control character")
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError as fault:
        raise AddressRefused(url, str(fault)) from fault
    if parts.scheme not in ("http", "https"):
        raise AddressRefused(url, "only http and https are asked")
    return parts, _host(url, host)


def _host(url: str, host: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host.partition("%")[0]))
        except ValueError as fault:
            raise AddressRefused(url, "its host is no IPv6 address") from fault
    if not _HOST.fullmatch(host) or ".." in host:
        raise AddressRefused(url, "it has no host, or one of other characters than letters, digits, dots and hyphens")
    host = host.removesuffix(".")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as fault:
            raise AddressRefused(url, "its host is an IPv4 address in an unusual form") from fault
    return host
