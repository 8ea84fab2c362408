"""Text that disguises and names that pretend: what comes in, what is compared, what is shown."""

import re
import unicodedata
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
import pytest_asyncio

from tests.conftest import ALL, sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import Desk, Reader

DIRECTIONS = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
TAKES_NO_ROOM = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\ufe0f\U000e0061\U000e0100\u115f"
SHOWS_NOTHING = [*TAKES_NO_ROOM, "\u3164", "\uffa0", "\u2800", "\u00a0\u3000\u2003", "\u202e\u2066"]
ABOVE = "".join(map(chr, range(0x0305, 0x0313)))
TOWERS = {
    "Latin": "o" + ABOVE * 3,
    "Latin with joiners between": "o" + "\u200d".join(ABOVE * 2),
    "Latin with what no eye sees between": "o" + "\u034f".join(ABOVE),
    "Vietnamese": "ệ" + "\u0338" * 30,
    "Thai": "ก" + "\u0e47" * 60,
    "Arabic": "ب" + "\u064e\u0651" * 30,
    "Tibetan": "ཧ" + "\u0f74\u0f7e" * 30,
    "enclosing": "8" + "\u20dd\u20de\u20e3" * 10,
    "no letter below": "★" + ABOVE,
}
# Each base with as many marks as its script is written with.
HONEST_MARKS = {
    "Vietnamese": "Nguyễn Thị Thuỵ Ượng, chữ ệ ở ẵ",
    "Thai": "สมชาย ที่นี่ น้ำ กำลังปิ้งปลา",
    "Arabic": "مُحَمَّدٌ رَسُولٌ لِلَّهِ وَٱلرَّحْمَٰنِ",
    "Hebrew": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
    "Devanagari": "हिन्दी में ड़्याँ क्षेत्रज्ञ",
    "Tamil": "தமிழ்நாடு கொண்டாட்டம்",
    "Burmese": "မြန်မာ ကျွန်ုပ် လျှို့ဝှက်",
    "emoji": "👨‍👩‍👧‍👦 ❤️‍🔥 1️⃣ 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽 🧑🏿‍🦽‍➡️",
    "IPA": "k̟ʰ ɔ̃̄ː t͡ʃ",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """A newsroom with names of its own."""
    folder = tmp_path_factory.mktemp("site")
    names = {"SITE_NAME": "Báo Mùa Thu", "RESERVED_NAMES": "Tổng biên tập, Hãng tin Sao Đỏ"}
    installation = Installation(folder, redis, sqlite_urls(folder), **names)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.account("hoa.nguyen")
    await installation.start(*ALL)
    yield installation
    installation.stop()


def most_marks(text: str) -> int:
    """The most marks on one letter, whatever takes no room between them."""
    shown = re.sub(f"[{TAKES_NO_ROOM}]", "", text)
    marks = "".join("m" if unicodedata.category(c) in {"Mn", "Me"} else "." for c in shown)
    return max((len(run) for run in re.findall("m+", marks)), default=0)


async def checked(reader: Reader, submission: str) -> str:
    """The state after the checks."""

    async def decided() -> str | None:
        state = await reader.state(submission)
        return None if state in {"received", "approved"} else state

    return str(await until(decided, f"{submission} is checked"))


def reasons(entry: dict[str, Any]) -> dict[str, str]:
    found = [r for finding in entry["findings"] for r in finding["reasons"]]
    return {reason["code"]: reason["text"] for reason in found}


# Bidirectional controls (row 23)


@pytest.mark.parametrize("field", ["name", "title"])
async def test_direction_controls_do_not_come_into_one_line_fields(
    reader: Reader, desk: Desk, field: str
) -> None:
    disguised = "Trần" + "".join(f"{chr(control)}a" for control in DIRECTIONS) + " Văn Bền"
    submission = await reader.accepted(**{field: disguised})
    assert (await desk.find(submission))[field] == f"Trần{'a' * len(DIRECTIONS)} Văn Bền"


async def test_direction_controls_in_a_text_are_kept_and_isolated_where_it_is_shown(
    reader: Reader, desk: Desk
) -> None:
    text = "Giá \u202e000.1\u202c và \u2067עברית\u2069, chữ \u202eđảo hết từ đây"
    submission = await reader.accepted(content=text, name="محمد", title="عنوان")
    await reader.reaches(submission, "published")
    assert next(c for c in await reader.comments() if c["id"] == submission)["content"] == text
    async with reader.http.get(
        f"{reader.site.articles}/v1/articles/pho-di-bo-mua-thu/comments.atom"
    ) as response:
        assert text in unescape(await response.text())
    for page in (await reader.page(), await desk.page(f"/submissions/{submission}")):
        assert re.search(
            rf'<p class="\w+"[^>]* dir="auto" lang="vi">{re.escape(text)}\s*</p>', page
        )
        assert re.search(r'<h[23][^>]* dir="auto" lang="vi">عنوان\s*</h', page)
        assert re.search(r'<bdi class="name"[^>]*>(<span[^>]*>)?محمد\s*(</span>)?</bdi>', page)


# Fields that show nothing (row 25)


@pytest.mark.parametrize("field", ["name", "title", "content"])
@pytest.mark.parametrize("nothing", SHOWS_NOTHING, ids=ascii)
async def test_a_field_that_shows_nothing_is_empty(
    reader: Reader, field: str, nothing: str
) -> None:
    status, answer = await reader.post(reader.form(**{field: f" {nothing}{nothing} "}))
    assert status == 422
    assert [(e["field"], e["code"]) for e in answer["errors"]] == [(field, "required")]


async def test_a_phone_number_that_shows_nothing_is_none(reader: Reader) -> None:
    submission = await reader.accepted(phone="\u200b\u3164")
    assert await checked(reader, submission) == "published"


# Towers of marks (row 24)


@pytest.mark.parametrize("field", ["name", "title", "content"])
@pytest.mark.parametrize("tower", TOWERS.values(), ids=TOWERS)
async def test_a_tower_of_marks_is_trimmed_on_the_way_in(
    reader: Reader, desk: Desk, field: str, tower: str
) -> None:
    submission = await reader.accepted(**{field: f"Chữ {tower} này"})
    kept = (await desk.find(submission))[field]
    assert 1 <= most_marks(kept) <= 4
    assert kept.startswith(f"Chữ {unicodedata.normalize('NFC', tower)[0]}")
    assert kept.endswith(" này")
    assert unicodedata.is_normalized("NFC", kept)


@pytest.mark.parametrize("script", HONEST_MARKS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_marks_of_living_scripts_stay(
    reader: Reader, desk: Desk, script: str, form: str
) -> None:
    written = unicodedata.normalize("NFC", HONEST_MARKS[script])
    sent = unicodedata.normalize(form, written)  # type: ignore[arg-type]
    submission = await reader.accepted(name=sent, title=sent, content=sent)
    entry = await desk.find(submission)
    assert {entry["name"], entry["title"], entry["content"]} == {written}


# Hidden banned words (row 25)


@pytest.mark.parametrize("hidden", [*TAKES_NO_ROOM, "\u202e", "\u0336"], ids=ascii)
async def test_what_takes_no_room_hides_no_banned_word(
    reader: Reader, desk: Desk, hidden: str
) -> None:
    text = f"Ai cần v{hidden}a{hidden}y n{hidden}óng thì nhắn."
    submission = await reader.accepted(content=text)
    assert await checked(reader, submission) == "held"
    entry = await desk.find(submission)
    assert reasons(entry)["word_banned"] == "vay nóng"
    assert entry["content"] == unicodedata.normalize("NFC", text), "the original is kept"


@pytest.mark.parametrize("blank", ["\u3164", "\uffa0", "\u2800", "\u00a0", "\u2009"], ids=ascii)
async def test_a_letter_that_looks_like_a_blank_parts_words(
    reader: Reader, desk: Desk, blank: str
) -> None:
    submission = await reader.accepted(content=f"Ai cần{blank}vay{blank}nóng{blank}thì nhắn.")
    assert await checked(reader, submission) == "held"
    assert "word_banned" in reasons(await desk.find(submission))


@pytest.mark.parametrize(
    "disguise",
    [
        *("v a y  n ó n g", "v.a.y n-ó-n-g", "v@y nóng", "VAY N0NG", "𝐯𝐚𝐲 𝐧𝐨𝐧𝐠", "ｖａｙ ｎｏｎｇ"),
        *("vаy nоng", "ⓥⓐⓨ ⓝⓞⓝⓖ", "v_a_y_n_o_n_g", "zay nong"),
    ],
    ids=ascii,
)
async def test_a_banned_word_in_disguise_is_found_and_marked(
    reader: Reader, desk: Desk, disguise: str
) -> None:
    submission = await reader.accepted(content=f"Ai cần {disguise} thì nhắn.")
    assert await checked(reader, submission) == "held"
    assert reasons(await desk.find(submission))["word_banned"] == "vay nóng"
    page = await desk.page(f"/submissions/{submission}")
    assert unicodedata.normalize("NFC", disguise) in re.findall("<mark[^>]*>(.*?)</mark>", page)


# Names that pretend (row 26)


@pytest.mark.parametrize(
    ("name", "code", "like"),
    [
        ("admin", "name_reserved", "admin"),
        ("\u0410dmin", "name_reserved", "admin"),  # Cyrillic А
        ("\u0391DM\u0399\u039d", "name_reserved", "admin"),  # Greek Α, Ι, Ν
        ("ADMlN", "name_reserved", "admin"),
        ("4dm1n", "name_reserved", "admin"),
        ("Ａｄｍｉｎ", "name_reserved", "admin"),
        ("𝕬𝖉𝖒𝖎𝖓", "name_reserved", "admin"),
        ("🅐🅓🅜🅘🅝", "name_reserved", "admin"),
        ("ᴀᴅᴍɪɴ", "name_reserved", "admin"),
        ("Adrnin", "name_reserved", "admin"),
        ("Ađmín", "name_reserved", "admin"),
        ("a.d.m.i.n", "name_reserved", "admin"),
        ("@dmin", "name_reserved", "admin"),
        ("@admin", "name_reserved", "admin"),
        ("|★ Admin! ★|", "name_reserved", "admin"),
        ("ad\u200bmin", "name_reserved", "admin"),
        ("Admin Hà", "name_reserved", "admin"),
        ("admin2024", "name_reserved", "admin"),
        ("M0d", "name_reserved", "mod"),
        ("\u041c\u043ed", "name_reserved", "mod"),  # Cyrillic М, о
        ("Ban biên tập", "name_reserved", "ban biên tập"),
        ("Ban Bien Tap báo", "name_reserved", "ban biên tập"),
        ("B\u0430n bi\u00ean t\u1eadp", "name_reserved", "ban biên tập"),  # Cyrillic а
        ("BanBienTap", "name_reserved", "ban biên tập"),
        ("TOÀ SOẠN", "name_reserved", "tòa soạn"),
        ("Quản trị viên", "name_reserved", "quản trị viên"),
        ("Báo Mùa Thu", "name_reserved", "Báo Mùa Thu"),
        ("bao mua thu online", "name_reserved", "Báo Mùa Thu"),
        ("Tổng Biên Tâp", "name_reserved", "Tổng biên tập"),
        ("Hãng tin S\u0430o Đỏ", "name_reserved", "Hãng tin Sao Đỏ"),
        ("Mai", "name_staff", "mai"),
        ("M\u0430i", "name_staff", "mai"),
        ("MA1", "name_staff", "mai"),
        ("Hoa Nguyễn", "name_staff", "hoa.nguyen"),
        ("Hoа_Nguyen", "name_staff", "hoa.nguyen"),
    ],
    ids=ascii,
)
async def test_a_name_like_the_newsrooms_waits_for_a_person(
    reader: Reader, desk: Desk, name: str, code: str, like: str
) -> None:
    submission = await reader.accepted(name=name)
    assert await checked(reader, submission) == "held"
    entry = await desk.find(submission)
    assert reasons(entry) == {code: like}
    assert entry["name"] == re.sub("\\s+", " ", name), "the original is kept"


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn Admiral",
        "Modesto",
        "Nguyễn Thị Mai",
        "Mai Anh",
        "Nguyễn Hoa Mai",
        "Hoa",
        "Edita Mode",
        "Mơ Đ.",
        "Lê Thu",
        "Trần Tập Biên",
        "Thu Báo Mùa",
        "Дмитрий",
        "李明",
        "محمد",
        "สมชาย",
        "O'Brien",
        "123",
    ],
)
async def test_honest_names_are_not_held(reader: Reader, name: str) -> None:
    assert await checked(reader, await reader.accepted(name=name)) == "published"


@pytest.mark.parametrize(
    "content", ["Ai cần vay nóng thì nhắn.", "Xem vidu-quangcao.com và vidu-khac.vn nhé."]
)
async def test_a_name_never_tips_a_doubtful_comment_into_rejection(
    reader: Reader, content: str
) -> None:
    assert await checked(reader, await reader.accepted(name="Аdmin", content=content)) == "held"


async def test_the_console_says_why_in_both_languages_and_marks_the_name_alone(
    reader: Reader, desk: Desk
) -> None:
    submission = await reader.accepted(name="Mai", content="Ngày mai tôi đi. Mai gặp nhé.")
    assert await checked(reader, submission) == "held"
    for language, words in (("vi", "tên như tên đăng nhập"), ("en", "a name like a staff member")):
        assert words in await desk.text(f"/submissions/{submission}", lang=language)
    page = await desk.page(f"/submissions/{submission}")
    assert re.findall("<mark[^>]*>(.*?)</mark>", page) == ["Mai"]


async def test_a_login_counts_from_its_making_to_its_end(
    site: Installation, reader: Reader, desk: Desk
) -> None:
    async def comes_to(state: str) -> bool:
        return await checked(reader, await reader.accepted(name="Tuấn Tú")) == state

    assert await comes_to("published")
    await site.account("tuan.tu")
    await until(lambda: comes_to("held"), "the new login counts")
    found = re.search(r'href="/accounts/([^"]+)"><bdi>tuan.tu<', await desk.page("/accounts"))
    assert found
    form = {"csrf": desk.csrf, "account": found[1]}
    headers = {"Origin": site.moderation}
    async with desk.http.post(
        f"{site.moderation}/accounts/disable", data=form, headers=headers
    ) as response:
        assert response.status == 200
    await until(lambda: comes_to("published"), "the login that is shut out counts no more")
