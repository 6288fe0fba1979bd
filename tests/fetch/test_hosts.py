"""Where a fetch may go."""

import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from monitor.fetch.hosts import AllowedHosts, NotPublic, PublicAddresses, as_address, is_public

LIST = URL("https://list.example.org/SDN.XML")


@pytest.mark.parametrize(
    "url",
    [
        "https://list.example.org/elsewhere",
        "https://LIST.example.org./SDN.XML",
        "https://files.store.example/SDN.XML",
        "https://a.mirror.example/x",
        "https://a.b.mirror.example/x",
    ],
)
def test_the_own_host_and_the_named_ones_may_be_asked(url: str) -> None:
    hosts = AllowedHosts(LIST, ["files.store.example", "*.mirror.example"])

    assert hosts.refusal(URL(url)) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://mirror.example/x", "feed's hosts"),
        ("https://evilmirror.example/x", "feed's hosts"),
        ("https://mirror.example.evil.example/x", "feed's hosts"),
        ("https://.mirror.example/x", "feed's hosts"),
        ("https://list.example.org.evil.example/", "feed's hosts"),
        ("https://sub.list.example.org/", "feed's hosts"),
        ("http://list.example.org/SDN.XML", "https"),
        ("https://127.0.0.1/", "feed's hosts"),
    ],
)
def test_all_others_are_refused(url: str, why: str) -> None:
    hosts = AllowedHosts(LIST, ["*.mirror.example"])

    assert why in (hosts.refusal(URL(url)) or "")


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_a_public_source_never_leads_to_this_machine_even_if_its_adapter_says_so(host: str) -> None:
    url = URL(f"https://{host}/")

    assert "this machine" in (AllowedHosts(LIST, [url.raw_host or ""]).refusal(url) or "")


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]"])
def test_a_private_address_is_refused_even_if_the_adapter_says_so(host: str) -> None:
    url = URL(f"https://{host}/")

    assert "private" in (AllowedHosts(LIST, [url.raw_host or ""]).refusal(url) or "")
    assert "private" in (AllowedHosts(url).refusal(url) or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/"])
def test_a_loopback_source_may_be_plain_http(url: str) -> None:
    assert AllowedHosts(URL(url)).refusal(URL(url)) is None


def test_a_loopback_source_leads_to_other_hosts_by_https_only() -> None:
    hosts = AllowedHosts(URL("http://127.0.0.1/"), ["list.example.org"])

    assert hosts.refusal(LIST) is None
    assert hosts.refusal(LIST.with_scheme("http")) == "only https is allowed"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_no_address_of_a_private_network_is_public_in_any_clothes(address: str) -> None:
    found = as_address(address)

    assert found is not None
    assert not is_public(found)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_network_are_public(address: str) -> None:
    found = as_address(address)

    assert found is not None
    assert is_public(found)


async def test_a_name_keeps_only_its_public_addresses() -> None:
    resolver = PublicAddresses(Book({"list.example": ["10.0.0.1", "8.8.8.8", "127.0.0.1"]}))

    found = await resolver.resolve("list.example")

    assert [result["host"] for result in found] == ["8.8.8.8"]


async def test_a_name_without_any_public_address_is_refused() -> None:
    resolver = PublicAddresses(Book({"list.example": ["10.0.0.1", "127.0.0.1"]}))

    with pytest.raises(NotPublic):
        await resolver.resolve("list.example")


async def test_localhost_is_this_machine_and_nothing_else() -> None:
    resolver = PublicAddresses(Book({"localhost": ["127.0.0.1", "8.8.8.8", "10.0.0.1"]}))

    found = await resolver.resolve("localhost")

    assert [result["host"] for result in found] == ["127.0.0.1"]


async def test_a_proxy_of_the_operator_may_stand_in_a_private_network() -> None:
    resolver = PublicAddresses(Book({"proxy.example": ["10.0.0.1"]}))
    resolver.exempt.add("proxy.example")

    found = await resolver.resolve("proxy.example")

    assert [result["host"] for result in found] == ["10.0.0.1"]


class Book(AbstractResolver):
    """Knows the addresses that the test gives it: the real names of a test machine are few."""

    def __init__(self, addresses: dict[str, list[str]]) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self.addresses[host]
        ]

    async def close(self) -> None:
        pass
