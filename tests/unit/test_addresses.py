"""What others name is asked only where that is safe; what an operator names is asked."""

from __future__ import annotations

import ipaddress

import pytest

from floorlog.addresses import Policy, host_of, is_private_ip
from floorlog.config import Settings
from floorlog.errors import AddressRefused

POLICY = Policy(("un.org", "kaltura.com"))
PAGE = "https://webtv.un.org/en/asset/k1h/k1hrmtg9f4"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001/master.m3u8", "https://nas.lan/a.m3u8", "http://[::1]/x"])
def test_what_an_operator_names_is_asked(url: str) -> None:
    """A rehearsal runs on this machine, and an operator knows where the stream is."""
    POLICY.check(url)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://un.org/a", "gopher://un.org", "data:,x", "//un.org/x", ""]
)
@pytest.mark.parametrize("named_by", [None, PAGE])
def test_only_the_web_is_asked(url: str, named_by: str | None) -> None:
    """A playlist that names a file must not read it from this machine."""
    with pytest.raises(AddressRefused):
        POLICY.check(url, named_by)


@pytest.mark.parametrize(
    "url",
    ["https://webtv.un.org/x", "https://un.org/", "https://cflive.kaltura.com/a/b.ts?x=1", "https://WEBTV.UN.ORG./x"],
)
def test_the_services_own_hosts_may_be_named(url: str) -> None:
    """A page of UN Web TV leads to the media platform, and that to its delivery network."""
    POLICY.check(url, PAGE)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x",
        "https://notun.org/x",
        "https://un.org.example.com/x",
        "https://webtv.un.org@example.com/x",
        "https://example.com\\@un.org/x",
        "https://user:secret@webtv.un.org/x",
        "https://ｕｎ.org/x",
        "https://webtv.un.org\n.example.com/",
        "https://webtv..un.org/",
        "https:///x",
        "https://webtv.un.org:99999/",
    ],
)
def test_other_hosts_may_not_be_named(url: str) -> None:
    """A hostile page must not choose where this machine sends requests, however it spells the host."""
    with pytest.raises(AddressRefused):
        POLICY.check(url, PAGE)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "a.localhost.",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
    ],
)
def test_nothing_inside_this_network_may_be_named(host: str) -> None:
    """A redirect to the metadata service of a cloud would hand over this machine's keys."""
    everywhere = Policy((host.strip("[]").rstrip("."), "un.org"))
    with pytest.raises(AddressRefused):
        everywhere.check(f"https://{host}/latest", PAGE)


def test_a_private_origin_may_name_itself() -> None:
    """A rehearsal's origin on this machine lists segments on this machine, and nothing else inside the network."""
    master = "http://127.0.0.1:8001/master.m3u8"
    POLICY.check("http://127.0.0.1:8002/0.ts", master)
    with pytest.raises(AddressRefused):
        POLICY.check("http://10.0.0.1/0.ts", master)
    Policy(("10.0.0.1",)).check("http://10.0.0.1/0.ts", master)


def test_http_may_be_named_only_where_http_was_asked() -> None:
    """Whoever reads along must not be able to take a stream over from a page that was safe."""
    POLICY.check("http://cdn.un.org/0.ts", "http://cdn.un.org/index.m3u8")
    with pytest.raises(AddressRefused):
        POLICY.check("http://webtv.un.org/0.ts", PAGE)


def test_a_refusal_says_what_why_and_who_named_it() -> None:
    """An operator must see whether a host is missing from the list or somebody plays tricks."""
    with pytest.raises(AddressRefused, match=r"example\.com.*FLOORLOG_ORIGIN_HOSTS.*named by https://webtv") as refused:
        POLICY.check("https://example.com/x", PAGE)
    assert refused.value.reason == "address-refused"


def test_hosts_have_one_form() -> None:
    """Limits and caches per host must not be passed by writing it differently."""
    assert {host_of(url) for url in ("https://UN.org/a", "http://un.org.:80", "https://x@un.org")} == {"un.org"}
    assert host_of("http://[0:0::1]:80/") == "::1"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    """A rule that refuses too much stops the capture of a meeting."""
    assert not is_private_ip(ipaddress.ip_address(address))


def test_the_setting_lists_hosts() -> None:
    """An operator adds the host of a new delivery network without a new version."""
    settings = Settings.load(environ={"FLOORLOG_ORIGIN_HOSTS": " UN.org, .example.net ,"})
    assert settings.address_policy() == Policy(("un.org", "example.net"))
