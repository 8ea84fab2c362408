"""The address a request comes from; a proxy's word counts only where the proxy is ours."""

from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web

from commentdesk.domain.addresses import is_ipv4


def client_address(request: web.Request, trusted_proxies: list[str]) -> str:
    """The peer, or, while the hop is a trusted proxy, the next one left in X-Forwarded-For."""
    address = _canonical(request.remote or "")
    if not trusted_proxies:
        return address
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and _trusted(address, trusted_proxies):
        candidate = _canonical(hops.pop())
        if not candidate:
            break
        address = candidate
    return address


def _trusted(address: str, networks: list[str]) -> bool:
    if not address:
        return False
    parsed = ip_address(address)
    return any(parsed in ip_network(network, strict=False) for network in networks)


def _canonical(text: str) -> str:
    """The one way to write an address, so that one sender has one hash; empty for no address.

    A proxy that listens on IPv6 writes IPv4 peers as ::ffff:…; a zone (%eth0) means something to
    the machine that wrote it alone.
    """
    if is_ipv4(text):
        return text
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)
