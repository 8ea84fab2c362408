"""What a link's host is to the site: its own, listed, or one that passes for another."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache, lru_cache
from unicodedata import normalize

from commentdesk.domain.text import visible
from workers.checks.context import SiteFacts
from workers.checks.reading import Contact
from workers.checks.reading.addresses import host_of, registered
from workers.checks.reading.known import MESSENGERS, SHORTENERS
from workers.checks.reading.lookalikes import looks_like

_PUNYCODE = "xn--"
# Names that phishing borrows. Of banks, wallets and offices, each with its own domains: the name
# in any other host is enough. Of platforms: where it is written in letters that pass for it.
_BANKS = {
    "vietcombank": "vietcombank.com.vn",
    "techcombank": "techcombank.com techcombank.com.vn",
    "vietinbank": "vietinbank.vn vietinbank.com.vn",
    "agribank": "agribank.com.vn",
    "bidv": "bidv.com.vn bidv.vn",
    "mbbank": "mbbank.com.vn",
    "vpbank": "vpbank.com.vn",
    "tpbank": "tpb.vn",
    "sacombank": "sacombank.com.vn sacombank.com",
    "hdbank": "hdbank.com.vn",
    "vnpay": "vnpay.vn",
    "zalopay": "zalopay.vn",
    "vneid": "vneid.gov.vn",
    "dichvucong": "dichvucong.gov.vn",
    "paypal": "paypal.com paypal.me",
    "binance": "binance.com",
}
_PLATFORMS = (
    *("facebook", "google", "youtube", "telegram", "tiktok", "shopee", "lazada", "amazon"),
    *("apple", "microsoft", "netflix", "instagram", "whatsapp", "momo", "vnexpress", "tuoitre"),
    *("thanhnien", "dantri", "vietnamnet", "zalo", "chinhphu"),
)


class Host(StrEnum):
    """What a host is; all but OWN and ALLOWED are reasons."""

    OWN = "own"
    ALLOWED = "allowed"
    BANNED = "link_banned"
    LOOKALIKE = "link_lookalike"
    BRAND = "link_brand"
    PUNYCODE = "link_punycode"
    SHORTENER = "link_shortener"
    MESSENGER = "contact_handle"
    FOREIGN = "link"


def kind_of(contact: Contact, typed: str, site: SiteFacts) -> Host:
    """What the host of a link is, as it was typed and as it was read."""
    meant, read = _meant(typed), contact.value.removeprefix("www.")
    return _listed(meant, read, site) or _pretending(meant, read, site) or _of_a_kind(read)


def within(host: str, hosts: frozenset[str]) -> bool:
    """Whether the host is one of these or below one; never by the end of its letters alone."""
    return bool(hosts) and any(parent in hosts for parent in _parents(host))


def _listed(meant: str, read: str, site: SiteFacts) -> Host | None:
    if within(meant, site.own_hosts):
        return Host.OWN
    if any(within(host, site.banned_hosts) for host in (meant, read, _shown(meant))):
        return Host.BANNED
    return Host.ALLOWED if within(meant, site.allowed_hosts) else None


def _pretending(meant: str, read: str, site: SiteFacts) -> Host | None:
    shown = _shown(meant)
    if _passes_for(shown, read, site.own_hosts):
        return Host.LOOKALIKE
    if _borrows_a_name(shown):
        return Host.BRAND
    return Host.PUNYCODE if _PUNYCODE in meant else None


def _of_a_kind(read: str) -> Host:
    if read in SHORTENERS:
        return Host.SHORTENER
    return Host.MESSENGER if read in MESSENGERS else Host.FOREIGN


def _meant(typed: str) -> str:
    """The host that a browser goes to (UTS #46: width, case and what takes no room are nothing)."""
    bare = "".join(visible(typed).split())
    return host_of(normalize("NFC", bare)).removeprefix("www.")


def _parents(host: str) -> Iterator[str]:
    while host:
        yield host
        host = host.partition(".")[2]


def _shown(host: str) -> str:
    """The host with its international labels (RFC 5891) in the letters a reader sees."""
    if _PUNYCODE not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _passes_for(shown: str, read: str, own_hosts: frozenset[str]) -> bool:
    """Whether it looks like one of the site's hosts, or begins with one ("bao.vn.example.com")."""
    seen = looks_like(shown)
    return any(seen == looks_like(own) or read.startswith(f"{own}.") for own in own_hosts)


@lru_cache(maxsize=1000)
def _borrows_a_name(shown: str) -> bool:
    domain = registered(shown) or shown
    banks, platforms = _seen(tuple(_BANKS)), _seen(_PLATFORMS)
    for label in shown.split("."):
        for part in label.split("-"):
            seen = looks_like(part)
            bank = banks.get(seen)
            if bank and domain not in _BANKS[bank].split():
                return True
            if platforms.get(seen, part) != part:
                return True
    return False


@cache
def _seen(names: tuple[str, ...]) -> dict[str, str]:
    """Each by what it looks like."""
    return {looks_like(name): name for name in names}
