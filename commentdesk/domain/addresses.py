"""Addresses, read and compared as such and never as text."""

from ipaddress import IPv6Address, ip_address, ip_network
from socket import AF_INET, inet_pton
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORTS = range(1, 2**16)
# What a household or an office is moved about in by its provider; of IPv4 the last number.
_NEIGHBOURHOOD_BITS = {4: 24, 6: 48}


class Origin(tuple[str, str, int]):
    """A web origin (RFC 6454): scheme, host, port; compared as such, never as text."""

    __slots__ = ()

    @classmethod
    def parse(cls, url: str) -> "Origin":
        """Read an origin from any http(s) URL.

        Raises:
            ValueError: the text is not an http or https URL with a host.
        """
        # Nothing is quoted in what is raised: before an @, or after a colon, may be a password.
        try:
            parts, port = urlsplit(url), urlsplit(url).port
        except ValueError:
            raise ValueError("not a plain address: host or port cannot be read") from None
        # Browsers read \\ as /, and a name before @ as a login: an address that shows one host
        # and means another.
        if "\\" in url or "@" in parts.netloc or not url.isprintable() or " " in url:
            raise ValueError("not a plain address: no login, blank or backslash belongs in it")
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("not an http(s) address")
        host = parts.hostname.rstrip(".").removeprefix("www.")
        return cls((parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]))


def is_socket_address(text: str) -> bool:
    """Whether it is `host:port` or `unix:/path`."""
    if not text.isprintable() or " " in text or "@" in text:
        return False
    if text.startswith("unix:/"):
        return True
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname) and parts.port in _PORTS and parts.netloc == text
    except ValueError:
        return False


def is_ipv4(text: str) -> bool:
    """Whether it is an IPv4 address, which has one writing only; told without taking it apart."""
    try:
        inet_pton(AF_INET, text)
    except (OSError, ValueError):
        return False
    return True


def address_bucket(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 an IPv6 address lies in."""
    if is_ipv4(address):
        return address
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def neighbourhood_of(address: str) -> str:
    """The network (IPv4 /24, IPv6 /48) that one browser's address changes within; "" for none."""
    if is_ipv4(address):
        return address.rpartition(".")[0] + ".0/24"
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return ""
    return str(ip_network(f"{parsed}/{_NEIGHBOURHOOD_BITS[parsed.version]}", strict=False))
