"""Where a fetch may go: which hosts, which schemes, which addresses.

A source that is taken over could lead us into the network that we run in. So every hop is checked by name
(:class:`AllowedHosts`), and every name by the addresses that it resolves to (:class:`PublicAddresses`). Both are needed:
aiohttp asks no resolver about a URL that holds an address.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Address = IPv4Address | IPv6Address


class AllowedHosts:
    """The hosts that one fetch may ask: the URL's own, and those that ``redirect_hosts`` names.

    ``*.example.org`` stands for any name below ``example.org``, not for itself. https everywhere; plain http only from a
    loopback address to a loopback address, which is how demonstrations and tests are served.
    """

    def __init__(self, url: URL, redirect_hosts: Sequence[str] = ()) -> None:
        self.own = host_of(url)
        self._patterns = tuple(pattern.lower() for pattern in redirect_hosts)

    def refusal(self, url: URL) -> str | None:
        """Why that URL may not be asked, or None if it may."""
        host = host_of(url)
        if host != self.own and not any(_matches(host, pattern) for pattern in self._patterns):
            return "it is not one of the feed's hosts"
        if is_loopback(host):
            if not is_loopback(self.own):
                return "it is this machine itself"
        elif url.scheme != "https":
            return "only https is allowed"
        elif (address := as_address(host)) is not None and not is_public(address):
            return "it is an address of a private network"
        return None if url.scheme in ("http", "https") else "only https is allowed"


class NotPublic(OSError):
    """A name resolves to addresses of a private network only, or of this machine."""


class PublicAddresses(AbstractResolver):
    """Resolves names to public addresses and leaves out all others; raises NotPublic when none is left.

    A loopback name (``localhost``) keeps its loopback addresses. So do ``exempt`` names, which are the operator's own
    choice: the proxies of the environment usually stand in a private network.
    """

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner
        self.exempt: set[str] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of ``host`` that may be asked."""
        found = await self._inner.resolve(host, port, family)
        allowed = [result for result in found if self._may_ask(host, as_address(result["host"]))]
        if found and not allowed:
            raise NotPublic(f"{host} resolves to no public address")
        return allowed

    async def close(self) -> None:
        """Close the resolver underneath."""
        await self._inner.close()

    def _may_ask(self, host: str, address: Address | None) -> bool:
        if host.lower() in self.exempt:
            return True
        if address is None:
            return False
        return address.is_loopback if is_loopback(host) else is_public(address)


def host_of(url: URL) -> str:
    """The host of a URL as it is compared: ASCII, lower case, without a trailing dot."""
    return (url.raw_host or "").lower().rstrip(".")


def is_loopback(host: str) -> bool:
    """Whether a host *names* this machine: ``localhost``, a name below it, 127.0.0.0/8 or ::1."""
    address = as_address(host)
    if address is not None:
        return address.is_loopback
    return host == "localhost" or host.endswith(".localhost")


def as_address(host: str) -> Address | None:
    """The IP address that a host is written as, unwrapped if it is an IPv4 address in IPv6 clothes; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address if isinstance(address, IPv4Address) else _unwrapped(address)


def is_public(address: Address) -> bool:
    """Whether an address belongs to one machine in the public network."""
    return address.is_global and not address.is_multicast


_NAT64 = IPv6Network("64:ff9b::/96")


def _unwrapped(address: IPv6Address) -> Address:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) >= len(pattern)
    return host == pattern
