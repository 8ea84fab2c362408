"""The address a request comes from; a proxy's word counts only where the proxy is ours."""

from ipaddress import ip_address, ip_network

from aiohttp import web


def client_address(request: web.Request, trusted_proxies: list[str]) -> str:
    """The peer, or, while the hop is a trusted proxy, the next one left in X-Forwarded-For."""
    address = request.remote or ""
    if not trusted_proxies:
        return address
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and _trusted(address, trusted_proxies):
        candidate = hops.pop()
        if not _is_address(candidate):
            break
        address = candidate
    return address


def _trusted(address: str, networks: list[str]) -> bool:
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in ip_network(network, strict=False) for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
