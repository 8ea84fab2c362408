"""Whose request it is: forged headers, rotating addresses, and a limiter that cannot be filled."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import redis as redis_client
import sqlalchemy as sql

from commentdesk.domain.addresses import address_bucket
from commentdesk.ledger.tables import submissions
from commentdesk.limits import Limits
from tests.attacks.neighbours import neighbour
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, Reader

PEER = "127.0.0.1"
READER, FORGED = "203.0.113.9", "198.51.100.66"
Headers = list[tuple[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trusting(
    front: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Intake behind two proxies of ours, with its limits on."""
    installation = neighbour(
        front,
        tmp_path_factory.mktemp("trusting"),
        TRUSTED_PROXIES="127.0.0.0/8,::1/128,10.0.0.0/8",
        LIMITS="on",
        SUBMISSIONS_LIMIT="1000/day",
        CAPTCHAS_LIMIT="20/day",
    )
    await installation.start("intake")
    yield installation
    installation.stop()


async def address_seen(site: Installation, http: aiohttp.ClientSession, headers: Headers) -> str:
    """The address the ledger keeps, sealed, of a comment sent with these headers."""
    reader = Reader(site, http)
    status, answer = await reader.post(reader.form(), headers=headers)
    assert status == 202, answer
    sealed = sql.select(submissions.c.address_sealed).where(submissions.c.id == answer["id"])
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        found = (await connection.execute(sealed)).scalar_one()
    await ledger.close()
    return ledger.unseal(found, answer["id"])


@pytest.mark.parametrize(
    "forged",
    [
        FORGED,
        f"{FORGED}, {READER}",
        f"{FORGED}:4711",
        "2001:db8::66",
        "[2001:db8::66]:4711",
        "::ffff:198.51.100.66",
        "unknown",
        "'; DROP TABLE submissions; --",
        ",,,",
        "127.0.0.2",
        ", ".join([FORGED] * 200),
    ],
)
async def test_an_untrusted_peer_forges_no_address(
    front: Installation, http: aiohttp.ClientSession, forged: str
) -> None:
    headers = [
        ("X-Forwarded-For", forged),
        ("X-Forwarded-For", FORGED),
        ("Forwarded", f'for="{forged}";proto=https'),
        ("X-Real-IP", forged),
        ("X-Client-IP", forged),
        ("True-Client-IP", forged),
        ("CF-Connecting-IP", forged),
        ("Via", f"1.1 {FORGED}"),
    ]
    assert await address_seen(front, http, headers) == PEER


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        ([READER], READER),
        ([f"{FORGED}, {READER}"], READER),
        ([f"{FORGED},{READER}"], READER),
        ([FORGED, READER], READER),
        ([f"{FORGED}, {READER}, 10.1.2.3"], READER),
        ([f"{FORGED}, {READER}", "10.1.2.3", "127.0.0.9"], READER),
        ([f"{FORGED}, 10.6.6.6, {READER}, 10.1.2.3"], READER),
        ([f"{FORGED}, {READER}, ::ffff:10.1.2.3"], READER),
        ([", ".join([FORGED] * 200), READER], READER),
        ([f"{FORGED}, ::ffff:203.0.113.9"], READER),
        (["2001:DB8:0:0::9"], "2001:db8::9"),
        (["fe80::9%<b>eth0</b>"], "fe80::9"),
        (["10.1.2.3"], "10.1.2.3"),
        # What is no address is nobody's: the last hop that is known stands.
        ([f"{FORGED}, unknown"], PEER),
        ([f"{FORGED}, unknown, 10.1.2.3"], "10.1.2.3"),
        ([f"{FORGED}, 203.0.113.9:4711"], PEER),
        ([f"{FORGED}, [2001:db8::9]"], PEER),
        ([f"{FORGED}, 203.0.113.009"], PEER),
        ([f"{FORGED}, 3405803785"], PEER),
        ([""], PEER),
        ([" , ,"], PEER),
        ([], PEER),
    ],
)
async def test_behind_our_proxies_the_rightmost_untrusted_hop_is_the_reader(
    trusting: Installation, http: aiohttp.ClientSession, forwarded: list[str], seen: str
) -> None:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    others = [("Forwarded", f"for={FORGED}"), ("X-Real-IP", FORGED), ("X-Client-IP", FORGED)]
    assert await address_seen(trusting, http, [*headers, *others]) == seen


async def test_a_thousand_addresses_of_one_network_are_one_reader_and_few_keys(
    front: Installation, trusting: Installation, http: aiohttp.ClientSession
) -> None:
    statuses = [await ask(trusting, http, f"2001:db8:a:b::{n:x}") for n in range(1, 1_001)]
    assert statuses == [201] * 20 + [429] * 980
    for n in range(50):
        assert await ask(trusting, http, f"2001:db8:a:{n + 0x100:x}::1") == 201
    with redis_client.Redis.from_url(front.redis.url) as connection:
        keys = list(connection.scan_iter("LIMITS*/captchas/*/20/*"))
        lives = {connection.ttl(key) for key in keys}
    # 51 networks; a window that ends just now leaves a second key of each.
    assert 51 <= len(keys) <= 102
    assert all(0 < seconds <= 2 * 86_400 for seconds in lives)
    assert all(re.search(rb"/captchas/[0-9a-f]{64}/", key) for key in keys)
    assert not any(b"::" in key for key in keys)


async def test_an_ipv4_reader_is_one_reader_however_it_is_written(
    trusting: Installation, http: aiohttp.ClientSession
) -> None:
    written = ("203.0.113.77", "::ffff:203.0.113.77", "::FFFF:cb00:714d")
    statuses = [await ask(trusting, http, written[n % 3]) for n in range(30)]
    assert statuses == [201] * 20 + [429] * 10


def test_ten_thousand_addresses_of_a_64_are_one_bucket() -> None:
    network = 0x20010DB8000A000B << 64
    addresses = (network + number**4 for number in range(10_000))
    buckets = {address_bucket(":".join(groups(address))) for address in addresses}
    assert buckets == {"2001:db8:a:b::/64"}
    assert address_bucket("2001:db8:a:c::1") not in buckets
    assert address_bucket("::ffff:203.0.113.77") == address_bucket("203.0.113.77")


def groups(address: int) -> list[str]:
    """The eight groups of an IPv6 address."""
    return [f"{address >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]


async def test_every_key_in_redis_has_an_end(
    front: Installation, trusting: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(trusting, http)
    form = reader.form()
    await reader.post({**form, "captcha_answer": "sai"}, headers={"X-Forwarded-For": "192.0.2.1"})
    await ask(trusting, http, "192.0.2.1")
    with redis_client.Redis.from_url(front.redis.url) as connection:
        endless = [key for key in connection.scan_iter() if connection.ttl(key) == -1]
    # What RQ keeps without end does not grow with readers: its set of queues, and the jobs that
    # wait because no worker runs here.
    assert not [key for key in endless if not key.startswith(b"rq:")]


async def test_without_redis_the_count_of_senders_has_an_end_too(tmp_path: Path) -> None:
    limits = Limits(f"unix://{tmp_path / 'nobody.sock'}", enabled=True)

    async def refused(sender: str) -> bool:
        return await limits.hit("captchas", sender, "1/day") is not None

    assert not await refused("first")
    assert await refused("first")
    for n in range(5_000):
        assert not await refused(f"sender {n}")
    assert await refused("sender 4999"), "the newest are still counted"
    assert await refused("sender 100")
    assert not await refused("first"), "the oldest is let go"


async def test_a_redis_that_stumbles_forgets_no_sender(tmp_path: Path) -> None:
    """Away in the middle, or emptied: what was counted before, or meanwhile, still counts."""
    redis = Redis(tmp_path)
    limits = Limits(redis.url, enabled=True)

    async def refused(sender: str) -> bool:
        return await limits.hit("captchas", sender, "2/day") is not None

    assert [await refused("first"), await refused("first")] == [False, False]
    assert not await refused("second")
    redis.stop()
    assert await refused("first")
    assert not await refused("second")
    redis.start()
    assert [await refused("first"), await refused("second")] == [True, True]
    redis.stop()


async def ask(site: Installation, http: aiohttp.ClientSession, address: str) -> int:
    """Ask for a captcha from this address; the status."""
    url, body = f"{site.intake}/v1/captchas", {"article": ARTICLE}
    async with http.post(url, json=body, headers={"X-Forwarded-For": address}) as response:
        return response.status
