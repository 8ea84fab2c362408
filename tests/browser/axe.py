"""axe-core on a page as it stands, in light or in dark."""

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

Scheme = Literal["light", "dark"]
# In other colours the same page is the same in all but these.
OF_COLOURS = ("color-contrast", "link-in-text-block")
# It need not fetch anew what the page has: of the rules that are on, sound that plays by itself
# alone asks for that.
_RUN = """
rules => axe.run({
  resultTypes: ["violations"], preload: false, ...(rules && { runOnly: rules }),
}).then(({ violations }) => violations)
"""


async def violations(page: Page, scheme: Scheme, rules: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the page, by all of axe's rules or by these alone."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    await page.emulate_media(color_scheme=scheme)
    return [
        f"{scheme}: {one['id']}: {[node['html'][:150] for node in one['nodes'][:3]]}"
        for one in await page.evaluate(_RUN, rules or None)
    ]
