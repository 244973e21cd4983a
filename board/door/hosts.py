"""Names and addresses: under which host name the board is asked, and from which address. Pure.

A page elsewhere may give its own host name our address and so be of one origin with us (DNS rebinding). Its requests
still say the name it has, and here that is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from board.door.access import Network

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::\d{1,5})?")


def is_known_host(header: str, hosts: Collection[str]) -> bool:
    """Whether a Host header names this machine, an address, or one of `hosts` (lower case, without port)."""
    found = _HOST.fullmatch(header)
    if found is None:
        return False
    name = found[1].strip("[]").removesuffix(".").lower()
    return name == "localhost" or name.endswith(".localhost") or name in hosts or parse_address(name) is not None


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address; IPv4 written as IPv6 is IPv4. None when it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def is_listed(text: str, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to one of `networks`."""
    found = parse_address(text)
    return found is not None and any(found in network for network in networks)


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Where a request began. `forwarded`: X-Forwarded-For, of which only what listed proxies wrote is believed."""
    address = peer
    hops = [hop.strip() for hop in forwarded.split(",")] if forwarded else []
    while hops and is_listed(address, proxies):
        hop = parse_address(hops.pop())
        if hop is None:
            break
        address = str(hop)
    return address


def neighbourhood(address: str) -> str:
    """What limits are counted by: an address, of IPv6 the network of 64 bits that one customer has for himself."""
    found = parse_address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return address
