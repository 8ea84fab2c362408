"""Articles are put into the store as docs/embedding.md says: by curl, and by its script."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import aiohttp

from tests.conftest import Store, missing
from tests.host import DOCUMENTS, snippet

_RIGHT = {
    **{"title": 'Mùa thu "đẹp" & buồn', "lead": "", "body": "", "language": "vi"},
    **{"url": "https://paper.example/mua-thu", "published_at": "2020-06-24T09:50:00+07:00"},
}


async def run(store: Store, *command: str) -> tuple[int, str, str]:
    """How it ended, and what it said and complained of."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "COMMENTDESK_SERVICE_TOKEN": store.token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = (part.decode() for part in await process.communicate())
    assert process.returncode is not None
    return process.returncode, said, complaint


async def stored(store: Store, http: aiohttp.ClientSession, article: str) -> Any:
    async with http.get(f"{store.url}/v1/articles/{article}") as response:
        assert response.status == 200
        return await response.json()


async def test_curl_puts_one(store: Store, http: aiohttp.ClientSession) -> None:
    if shutil.which("curl") is None:
        missing("curl")
    command = snippet("Plain HTML and static sites", "sh").replace("curl ", "curl -fsS ")
    filled = command.replace("https://articles.example", store.url)
    status, _, complaint = await run(store, "sh", "-c", filled)
    assert status == 0, complaint
    found = await stored(store, http, "autumn-walks")
    assert (found["title"], found["published_at"]) == ("Autumn walks", "2020-06-24T02:50:00Z")


async def test_the_script_puts_all_of_a_list_and_tells_what_is_wrong_in_it(
    store: Store, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    listed = tmp_path / "commentdesk.json"
    script = str(DOCUMENTS / "embedding" / "put_articles.py")
    wrong = {"no title": _RIGHT, "no-title": {**_RIGHT, "title": ""}}
    listed.write_text(json.dumps({"mua-thu": _RIGHT, **wrong}), "utf-8")
    status, said, complaint = await run(store, sys.executable, script, store.url, str(listed))
    assert (status, said) == (1, "1 of 3 articles are in the store.\n")
    assert [line.split(":")[0] for line in complaint.splitlines()] == list(wrong)
    assert (await stored(store, http, "mua-thu"))["title"] == _RIGHT["title"]
    listed.write_text(json.dumps({"mua-thu": _RIGHT}), "utf-8")
    status, said, complaint = await run(store, sys.executable, script, f"{store.url}/", str(listed))
    assert (status, said, complaint) == (0, "1 of 1 articles are in the store.\n", "")
