"""Which addresses chosen by other people may be called: look up once, check everything, keep one address."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Resolver = Callable[..., Iterable[tuple[Any, ...]]]

MAX_URL = 2048
# `is_global` alone calls several of these global, and which ones differs between Python releases.
_REFUSED = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3
    ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
    fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
# Where an allow-listed endpoint may live besides public addresses: never link-local, where cloud metadata answers.
_LOCAL = "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 ::1/128 fc00::/7"
REFUSED = tuple(map(ipaddress.ip_network, _REFUSED.split()))
LOCAL = tuple(map(ipaddress.ip_network, _LOCAL.split()))
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?")
_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@%-]*")


class OutboundRefused(Exception):
    """An address our policy does not let us call."""


class Unresolvable(Exception):
    """A host name without an address at this moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL and the one address that may be connected to."""

    url: str
    host: str
    port: int
    address: str


def is_public(address: Address) -> bool:
    """Tell whether anybody on the internet could reach the address as itself."""
    return address.is_global and not address.is_multicast and not any(address in net for net in REFUSED)


def resolve(url: str, *, allow_listed: bool = False, resolver: Resolver = socket.getaddrinfo) -> Target:
    """Check the URL and every address of its host; return the one to connect to.

    An allow-listed host may speak http, use any port and be local; all others are https on 443 at public addresses.
    """
    scheme, host, port, path = _parse(url)
    if not allow_listed and (scheme, port) != ("https", 443):
        raise OutboundRefused("Use https on port 443, or ask an administrator to allow-list this endpoint.")
    addresses = _look_up(host, port, resolver)
    for address in addresses:
        if not (is_public(address) or (allow_listed and any(address in net for net in LOCAL))):
            raise OutboundRefused(
                "The host is not at a public address. If it is yours, ask an administrator to allow-list it."
            )
    bracketed = f"[{host}]" if ":" in host else host
    return Target(f"{scheme}://{bracketed}:{port}{path}", host, port, str(addresses[0]))


def _parse(url: str) -> tuple[str, str, int, str]:
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise OutboundRefused("The URL holds characters that are not allowed in one (write host names in punycode).")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutboundRefused("The URL cannot be read.") from error
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or "#" in url or "?" in url:
        raise OutboundRefused("Give an http(s) URL without user name, query or fragment.")
    host = parts.hostname or ""
    if not (_is_ipv6(host) if "[" in parts.netloc else _HOST.fullmatch(host)) or not _PATH.fullmatch(parts.path):
        raise OutboundRefused("The host or path of the URL is not well formed.")
    return parts.scheme, host, _port(port, parts.scheme), parts.path


def _port(port: int | None, scheme: str) -> int:
    if port == 0:
        raise OutboundRefused("Port 0 cannot be called.")
    return port or (443 if scheme == "https" else 80)


def _is_ipv6(host: str) -> bool:
    try:
        return "%" not in host and bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


def _look_up(host: str, port: int, resolver: Resolver) -> list[Address]:
    try:
        found = list(resolver(host, port, type=socket.SOCK_STREAM))
        # The scope of a link-local answer is cut off: the network test must see the bare address.
        addresses = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    except (OSError, UnicodeError) as error:
        raise Unresolvable("The host name has no address.") from error
    except ValueError as error:
        raise OutboundRefused("The host name resolves to something that is no address.") from error
    if not addresses:
        raise Unresolvable("The host name has no address.")
    return addresses
