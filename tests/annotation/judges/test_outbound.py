import ipaddress
import socket

import pytest

from annotation.judges import outbound

PUBLIC = "93.184.215.14"


class Answering:
    """A resolver with fixed answers that counts its calls."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.calls = addresses, 0

    def __call__(self, host, port, **_):
        self.calls += 1
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, 1, 6, "", (a, port)) for a in self.addresses]


REFUSED_ADDRESSES = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.0.1
    169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1
    198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1
    2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 ff0e::1
"""


@pytest.mark.parametrize("address", REFUSED_ADDRESSES.split())
def test_addresses_that_are_not_public_are_refused(address):
    assert not outbound.is_public(ipaddress.ip_address(address))
    with pytest.raises(outbound.OutboundRefused):
        outbound.resolve("https://judge.example.org/v1", resolver=Answering(address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_public_addresses_pass(address):
    target = outbound.resolve("https://judge.example.org/v1", resolver=Answering(address))

    assert target == outbound.Target("https://judge.example.org:443/v1", "judge.example.org", 443, address)


NEVER_LOCAL = "169.254.169.254 0.0.0.0 224.0.0.1 fe80::1%eth0 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe"
# Spellings of loopback, metadata and wildcard addresses that are no literals to ipaddress, yet getaddrinfo maps them.
ODD_LITERALS = """
    127.0.0.1 127.1 127.0.1 0 0.0.0.0 2130706433 0x7f.1 0x7f000001 0x7F.0x0.0x0.0x1 017700000001 0177.0.0.1
    0177.1 127.000.000.001 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.169.254 localhost LOCALHOST localhost.
    [::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
    [fe80::1] [fc00::1] [ff02::1] 10.1 192.168.257 3232235777 0xC0A80101 255.255.255.255 224.1
"""


@pytest.mark.parametrize("host", ODD_LITERALS.split())
def test_odd_literals_are_judged_by_what_they_resolve_to(host):
    with pytest.raises((outbound.OutboundRefused, outbound.Unresolvable)):
        outbound.resolve(f"https://{host}/v1")


MALFORMED = [
    "",
    "judge.example.org/v1",
    "//judge.example.org/v1",
    "ftp://judge.example.org/",
    "file:///etc/passwd",
    "gopher://judge.example.org/",
    "dict://judge.example.org/",
    "unix:///var/run/docker.sock",
    "data:text/plain,hello",
    "jar:https://judge.example.org!/",
    "https://",
    "https:///v1",
    "https://user@judge.example.org/v1",
    "https://user:word@judge.example.org/v1",
    "https://127.0.0.1#@judge.example.org/",
    "https://judge.example.org@127.0.0.1/",
    "https://judge.example.org\\@127.0.0.1/",
    "https:\\\\judge.example.org\\v1",
    "https://judge.example.org/v1?to=1",
    "https://judge.example.org/v1#top",
    "https://judge.example.org/ v1",
    "https://judge.example.org/v1\r\nHost: other",
    "https://judge.example.org\t/v1",
    "https://judge.example.org\0/v1",
    "https://\u2460\u2461\u2466.0.0.1/v1",
    "https://127\u30020\u30020\u30021/v1",
    "https://ex\u00e4mple.org/v1",
    "https://judge.example.org:0/v1",
    "https://judge.example.org:65536/v1",
    "https://judge.example.org:https/v1",
    "https://[::1/v1",
    "https://[fe80::1%25eth0]/v1",
    "https://[judge.example.org]/v1",
    "https://judge%2eexample.org/v1",
    "https://-judge.example.org/v1",
    "https://judge.example.org/<v1>",
    "https://judge.example.org/" + "a" * 2048,
]


@pytest.mark.parametrize("allow_listed", [False, True])
@pytest.mark.parametrize("url", MALFORMED)
def test_malformed_urls_are_refused_before_any_look_up(url, allow_listed):
    resolver = Answering(PUBLIC)

    with pytest.raises(outbound.OutboundRefused):
        outbound.resolve(url, allow_listed=allow_listed, resolver=resolver)

    assert resolver.calls == 0


@pytest.mark.parametrize("url", ["http://judge.example.org/v1", "https://judge.example.org:8443/v1"])
def test_http_and_other_ports_are_for_allow_listed_endpoints_only(url):
    with pytest.raises(outbound.OutboundRefused):
        outbound.resolve(url, resolver=Answering(PUBLIC))
    assert outbound.resolve(url, allow_listed=True, resolver=Answering(PUBLIC)).address == PUBLIC


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "192.168.1.7", "172.20.0.2", "100.64.3.4", "::1", "fd00::1"]
)
def test_an_allow_listed_endpoint_may_be_local(address):
    assert outbound.resolve("http://judge:8000/v1", allow_listed=True, resolver=Answering(address)).address == address


@pytest.mark.parametrize("address", NEVER_LOCAL.split())
def test_even_an_allow_listed_endpoint_is_never_link_local_or_embedded(address):
    with pytest.raises(outbound.OutboundRefused):
        outbound.resolve("http://judge:8000/v1", allow_listed=True, resolver=Answering(address))


def test_one_bad_address_among_good_ones_refuses_the_host():
    with pytest.raises(outbound.OutboundRefused):
        outbound.resolve("https://judge.example.org/v1", resolver=Answering(PUBLIC, "127.0.0.1"))


def test_a_host_is_looked_up_once():
    resolver = Answering(PUBLIC)

    outbound.resolve("https://judge.example.org/v1", resolver=resolver)

    assert resolver.calls == 1


@pytest.mark.parametrize("failure", [socket.gaierror("no"), UnicodeError("label too long"), TimeoutError()])
def test_a_failed_look_up_is_no_permission(failure):
    def resolver(*_, **__):
        raise failure

    with pytest.raises(outbound.Unresolvable):
        outbound.resolve("https://judge.example.org/v1", resolver=resolver)


def test_a_host_without_addresses_is_not_called():
    with pytest.raises(outbound.Unresolvable):
        outbound.resolve("https://judge.example.org/v1", resolver=Answering())


def test_an_ipv6_literal_keeps_its_brackets():
    target = outbound.resolve("http://[::1]:8000/v1", allow_listed=True)

    assert (target.url, target.address) == ("http://[::1]:8000/v1", "::1")
