"""Clearing the desk by keyboard: decisions and undo, reasons, notes, bans, input methods."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.comments import Comment
from tests.browser.desk_page import Moderators, moderators
from tests.installation import Redis, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
FIRST, SECOND, THIRD = Comment("Một"), Comment("Hai"), Comment("Ba")
# As browsers tell of a key that an input method is looking at.
TAKEN_KEY = """(code) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
  { key: "Process", code, keyCode: 229, bubbles: true, cancelable: true }))"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, chromium: str
) -> AsyncIterator[Moderators]:
    async with moderators(tmp_path_factory.mktemp("keys"), redis, chromium) as opened:
        yield opened


async def height(shown: Locator) -> float:
    box = await shown.bounding_box()
    assert box
    return box["height"]


async def composes(page: Page, kind: str, text: str = "") -> None:
    await page.evaluate(
        "([kind, data]) => document.activeElement.dispatchEvent("
        "new CompositionEvent(kind, { data, bubbles: true }))",
        [kind, text],
    )


async def test_approve_reject_and_undo_in_order(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND, THIRD) as desk:
        await desk.is_at("Một")
        await expect(desk.card("Một")).to_be_focused()
        # What waits cannot be removed; the key says so.
        await desk.press("d")
        await expect(desk.toast).to_have_text("This cannot be done to a comment that is waiting.")
        await desk.press("a")
        await desk.is_decided("Một", "Approved")
        await desk.is_at("Hai")
        await expect(desk.toast).to_contain_text("Approved: Một")
        await expect(desk.toast.locator(".left")).to_have_text(re.compile(r"^(30|[12]?\d) s$"))
        await expect(desk.page.locator("#announcer")).to_contain_text("Approved: Một")

        # A reason by its digit, confirmed by Enter; nothing is decided before.
        await desk.press("r", "2")
        assert (await desk.state("Hai"))[0] == "held"
        await desk.press("Enter")
        await desk.is_decided("Hai", "Rejected (Insult or hate)")
        await desk.is_at("Ba")
        assert await desk.states() == {"Một": "approved", "Hai": "rejected", "Ba": "held"}

        await desk.press("u")
        await desk.is_open("Hai")
        await desk.is_at("Hai")
        await desk.press("u")
        await desk.is_open("Một")
        await expect(desk.toast).to_contain_text("Undone")
        assert set((await desk.states()).values()) == {"held"}
        await desk.press("u")
        await expect(desk.toast).to_have_text("Nothing to undo.")
        # Decided again after the undo, on the version that came of it.
        await desk.press("a")
        await desk.is_decided("Một", "Approved")
        assert (await desk.state("Một"))[0] == "approved"


async def test_esc_leaves_a_comment_as_it_was_and_a_reason_is_no_must(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND) as desk:
        await desk.press("r", "1", "Escape")
        await desk.is_at("Một")
        await desk.press("j", "k", "r", "Enter")
        await desk.is_decided("Một", "Rejected")
        await desk.is_at("Hai")
        # What is typed as a note is text, digits too.
        await desk.press("r")
        await desk.page.locator("#ask-reason [name=note]").fill("số 1, lần 2")
        await desk.press("3", "Enter")
        await desk.is_decided("Hai", "Rejected")
        answer = await desk.page.request.get(
            f"{desk.site.moderation}/v1/submissions/{desk.ids['Hai']}"
        )
        decision = (await answer.json())["decision"]
        assert decision["note"] == "số 1, lần 23"


async def test_pressed_twice_is_decided_once(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND, THIRD) as desk:
        await desk.page.evaluate("""() => {
          for (let press = 0; press < 2; press += 1)
            for (const kind of ["keydown", "keyup"])
              document.activeElement.dispatchEvent(
                new KeyboardEvent(kind, { key: "a", code: "KeyA", bubbles: true }));
        }""")
        await desk.is_decided("Một", "Approved")
        # Held down it repeats, and means one press all the same.
        await desk.page.evaluate("""() => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key: "a", code: "KeyA", repeat: true, bubbles: true }))""")
        await desk.is_at("Hai")
        assert await desk.states() == {"Một": "approved", "Hai": "held", "Ba": "held"}
        await desk.card("Hai").get_by_role("button", name="Approve").dblclick()
        await desk.is_decided("Hai", "Approved")
        await desk.is_at("Ba")
        assert (await desk.state("Ba"))[0] == "held"


async def test_with_an_input_method_on(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND, THIRD) as desk:
        page = desk.page
        # Telex makes ă of a and w: the place of the key counts, not what it would write.
        await page.evaluate("""() => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key: "ă", code: "KeyJ", bubbles: true }))""")
        await desk.is_at("Hai")
        await page.evaluate(TAKEN_KEY, "KeyK")
        await desk.is_at("Một")
        # A composition that is under way owns every key.
        await composes(page, "compositionstart")
        await desk.press("j")
        await desk.is_at("Một")
        await composes(page, "compositionend")

        # Of a key that the method replaced by a letter only the release comes through.
        await page.evaluate("""() => {
          const send = (kind, key, code) => document.activeElement.dispatchEvent(
            new KeyboardEvent(kind, { key, code, bubbles: true }));
          send("keydown", "â", "");
          send("keyup", "j", "KeyJ");
        }""")
        await desk.is_at("Hai")

        # While a note is written no key is a command; Enter ends the syllable, not the dialog.
        await desk.press("n")
        field = page.locator("#ask-note textarea")
        await expect(field).to_be_focused()
        await composes(page, "compositionstart")
        await page.keyboard.insert_text("Hỏi lại chị Lan ạ")
        await composes(page, "compositionend", "Hỏi lại chị Lan ạ")
        await desk.press("a", "r", "1", "u")
        await expect(field).to_have_value("Hỏi lại chị Lan ạar1u")
        await page.locator("#ask-note").get_by_role("button", name="Add note").click()
        await expect(desk.card("Hai").locator(".notes")).to_contain_text("Hỏi lại chị Lan ạ")
        await desk.press("r")
        await page.locator("#ask-reason [name=note]").focus()
        await page.evaluate(TAKEN_KEY, "Enter")
        await expect(page.locator("#ask-reason")).to_be_visible()
        await desk.press("Escape")
        assert set((await desk.states()).values()) == {"held"}


async def test_the_browsers_keys_stay_the_browsers(desks: Moderators) -> None:
    async with desks.desk(FIRST) as desk:
        taken = await desk.page.evaluate("""() => {
          const taken = [];
          for (const code of ["KeyA", "KeyR", "KeyF", "KeyT", "KeyN", "KeyU", "Digit1", "Slash"])
            for (const modifier of ["ctrlKey", "metaKey", "altKey"]) {
              const event = new KeyboardEvent("keydown",
                { code, key: code.at(-1), [modifier]: true, bubbles: true, cancelable: true });
              if (!document.activeElement.dispatchEvent(event)) taken.push(modifier + code);
            }
          return taken;
        }""")
        assert taken == []
        await desk.is_at("Một")
        assert (await desk.state("Một"))[0] == "held"


async def test_a_selection_is_one_request_and_one_undo(desks: Moderators) -> None:
    comments = [Comment(f"Thứ {number}") for number in range(1, 6)]
    async with desks.desk(*comments) as desk:
        posted: list[str] = []
        desk.page.on("request", lambda r: posted.append(r.url) if r.method == "POST" else None)
        await desk.press("x", "j", "x")
        chosen = desk.page.locator(".chosen b")
        await expect(chosen).to_have_text("2")
        await desk.press("Shift+X")
        await expect(chosen).to_have_text("5")
        await desk.press("Shift+R", "7", "Enter")
        await desk.is_decided("Thứ 5", "Rejected (Duplicate)")
        await expect(desk.toast).to_contain_text("Rejected: 5.")
        assert len([url for url in posted if url.endswith("/v1/decisions")]) == 1
        await expect(desk.page.locator(".all-done")).to_be_visible()
        await desk.card("Thứ 3").get_by_role("button", name="Undo all 5").click()
        await desk.is_open("Thứ 1")
        assert set((await desk.states()).values()) == {"held"}
        # Shift+X twice selects none; with none selected nothing happens but that it is said.
        await desk.press("Shift+X", "Shift+X", "Shift+A")
        await expect(desk.toast).to_have_text("0 selected")
        await expect(desk.page.locator(".bulk")).to_have_class("bulk idle")
        assert set((await desk.states()).values()) == {"held"}


async def test_evidence_says_why_in_words(desks: Moderators) -> None:
    comment = Comment("Vay", "Xem ở vidu-quangcao.com, ai cũng vay được.", phone="0912345678")
    async with desks.desk(comment) as desk:
        card = desk.card("Vay")
        marked = card.locator(".text mark", has_text="vidu-quangcao.com")
        await expect(marked).to_have_attribute(
            "title", "contains a link; links as in advertisements"
        )
        named = str(await marked.get_attribute("aria-describedby")).split()
        await expect(desk.page.locator(f"[id='{named[0]}']")).to_contain_text("contains a link")
        await desk.press("e")
        evidence = card.locator(".evidence")
        await expect(evidence.locator(".finding.bad .weight")).to_have_text("90%")
        await expect(evidence.locator(".finding.bad meter")).to_have_js_property("value", 0.9)
        for words in ("filled in within 42 s", "was pasted", "wrong captcha answers: 1"):
            await expect(evidence).to_contain_text(words)
        await desk.press("e")
        await expect(evidence.locator(".finding").first).to_be_hidden()
        await expect(card).not_to_contain_text("0912345678")


async def test_long_comments_are_cut_and_opened(desks: Moderators) -> None:
    async with desks.desk(Comment("Dài", "Một dòng khá dài để đọc. " * 150), SECOND) as desk:
        text = desk.card("Dài").locator(".text")
        short = await height(text)
        assert short < 250
        await desk.press("Enter")
        assert await height(text) > 2 * short
        await desk.press("Escape")
        assert await height(text) == short
        await desk.card("Dài").get_by_role("link", name="Show all").click()
        assert await height(text) > 2 * short


async def test_note_hold_and_ban_are_undone_too(desks: Moderators) -> None:
    caller = Comment("Gọi vay", phone="0987654321")
    async with desks.desk(caller, Comment("Gọi nữa", phone="0987654321"), THIRD) as desk:
        page = desk.page
        await desk.press("n")
        await page.keyboard.insert_text("Chờ chị Lan")
        await desk.press("Control+Enter")
        await expect(desk.card("Gọi vay").locator(".notes q")).to_have_text("Chờ chị Lan")
        await desk.press("u")
        await expect(desk.card("Gọi vay").locator(".notes q")).to_have_count(0)

        await desk.press("t")
        await page.locator("#ask-hold select").select_option("nam")
        await desk.press("Enter")
        await page.locator("#ask-hold").get_by_role("button", name="Hold for").click()
        await desk.is_decided("Gọi vay", "Held (nam)")
        await desk.press("u")
        await desk.is_open("Gọi vay")

        await desk.press("b")
        dialog = page.locator("#ask-ban")
        await expect(dialog).to_contain_text("098")
        assert "0987654321" not in await dialog.inner_text()
        await dialog.get_by_role("button", name="Ban", exact=True).click()
        await expect(desk.toast).to_contain_text("waiting comments rejected: 2")
        await desk.is_decided("Gọi vay", "Rejected")
        await desk.is_decided("Gọi nữa", "Rejected")
        await desk.press("u")
        await desk.is_open("Gọi nữa")
        assert set((await desk.states()).values()) == {"held"}
        answer = await page.request.get(f"{desk.site.moderation}/v1/bans")
        assert (await answer.json())["items"] == []
        # Of one without a phone the keys begin at what there is.
        await desk.press("j", "j", "b")
        await desk.is_at("Ba")
        await expect(dialog.locator("[value=address]")).to_be_focused()


async def test_the_senders_past_is_one_key_away(desks: Moderators) -> None:
    same = {"phone": "0911222333", "address": "198.51.100.9"}
    async with desks.desk(Comment("Cũ", **same), Comment("Mới", **same)) as desk:
        await desk.press("a")
        await desk.is_at("Mới")
        await desk.press("h")
        drawer = desk.page.locator("#drawer")
        await expect(drawer).to_contain_text("The same phone")
        await expect(drawer).to_contain_text("Cũ")
        assert "0911222333" not in await drawer.inner_text()
        await desk.press("h")
        await expect(drawer).to_be_hidden()
        await expect(desk.card("Mới")).to_be_focused()


async def test_a_campaign_stands_as_one(desks: Moderators) -> None:
    copies = [Comment(f"Vay gấp {n}", campaign="vay") for n in range(1, 13)]
    async with desks.desk(FIRST, *copies) as desk:
        await expect(desk.cards).to_have_count(2)
        card = desk.card("Vay gấp 1")
        await expect(card).to_contain_text("12 like this")
        await expect(card.get_by_role("button", name="Reject (12)")).to_be_visible()
        await desk.press("j", "r", "1", "Enter")
        await desk.is_decided("Vay gấp 1", "Rejected (Spam or advertising)")
        await expect(desk.toast).to_contain_text("Rejected: 12.")
        states = await desk.states()
        assert [title for title, state in states.items() if state == "held"] == ["Một"]
        await desk.press("u")
        await desk.is_open("Vay gấp 1")
        assert set((await desk.states()).values()) == {"held"}
        await card.get_by_role("link", name="See them").click()
        await expect(desk.cards).to_have_count(12)


async def test_help_palette_views_and_search(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND) as desk:
        page = desk.page
        await desk.press("?")
        keys = page.locator("#keys")
        for key in ("J", "Shift+R", "Ctrl+K", "1 – 7"):
            await expect(keys.get_by_text(key, exact=True)).to_be_visible()
        await desk.press("j", "Escape")
        await desk.is_at("Một")

        # By name without diacritics; the arrows choose.
        await page.goto(f"{desk.site.moderation}{desk.path}&lang=vi")
        await page.locator("html.scripted").wait_for()
        await desk.press("Control+k")
        await page.keyboard.type("tu choi")
        options = page.locator("#palette [role=option]")
        await expect(options.first).to_contain_text("Từ chối")
        await page.locator("#palette input").fill("binh luan sau")
        await expect(options).to_have_count(1)
        await desk.press("ArrowDown", "ArrowUp", "Enter")
        await desk.is_at("Hai")
        await page.goto(f"{desk.site.moderation}{desk.path}&lang=en")
        await page.locator("html.scripted").wait_for()

        await desk.press("/")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.keyboard.type("motj ")
        await page.keyboard.press("Escape")
        await page.locator(".search [name=q]").fill("hai")
        await page.keyboard.press("Enter")
        await expect(page.locator(".chips")).to_contain_text("With words: hai")
        await expect(desk.cards).to_have_count(1)
        await page.get_by_role("link", name="Remove filter: With words").click()
        await expect(desk.cards).to_have_count(2)

        await page.locator("html.scripted").wait_for()
        for number, view in enumerate(("waiting", "suspect", "stuck", "published"), 1):
            await page.keyboard.press(str(number))
            await expect(page.locator(f".tabs .{view}")).to_have_attribute("aria-current", "page")
            await page.locator("html.scripted").wait_for()


async def test_undo_reaches_over_the_views(desks: Moderators) -> None:
    async with desks.desk(Comment("Đi rồi về")) as desk:
        await desk.press("r", "6", "Enter")
        await desk.is_decided("Đi rồi về", "Rejected")
        await desk.press("5")
        await expect(desk.page.locator(".tabs .rejected")).to_have_attribute("aria-current", "page")
        await expect(desk.toast).to_contain_text("Rejected: Đi rồi về")
        await desk.press("u")

        async def back() -> bool:
            return (await desk.state("Đi rồi về"))[0] == "held"

        await until(back, "it waits again")


async def test_a_rejected_one_is_restored_by_key(desks: Moderators) -> None:
    async with desks.desk(FIRST) as desk:
        await desk.press("r", "Enter")
        await desk.is_decided("Một", "Rejected")
        await desk.page.goto(f"{desk.site.moderation}{desk.path}&view=rejected")
        await desk.page.locator("html.scripted").wait_for()
        await desk.press("s")
        await desk.is_decided("Một", "Restored")
        assert (await desk.state("Một"))[0] == "approved"
        await desk.press("u")
        await desk.is_open("Một")
        assert (await desk.state("Một"))[0] == "rejected"
