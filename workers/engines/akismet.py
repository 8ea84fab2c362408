"""Akismet's protocol: comment-check 1.1 (akismet.com/developers/detailed-docs/comment-check)."""

from urllib.parse import urlencode

import aiohttp

from commentdesk.domain.finding import Finding, Reason, bad, clean
from workers.engines.protocol import EngineFailed, Question
from workers.engines.web import post

_PATH = "/1.1/comment-check"
_TIP = "X-akismet-pro-tip"
# "Discard" is Akismet's word for spam so plain that nobody need look.
_SPAM = 0.8
_DISCARD = 0.95


class Akismet:
    """Told: name, title and text, language, time, the article's address, and the IP address,
    which Akismet cannot do without. Never the phone.
    """

    name = "akismet"
    needs_address = True

    def __init__(
        self, session: aiohttp.ClientSession, base: str, key: str, articles_url: str
    ) -> None:
        self._session, self._url = session, base.rstrip("/") + _PATH
        self._key, self._articles_url = key, articles_url

    async def ask(self, question: Question) -> Finding:
        """Spam or not, by its `true` or `false`; anything else is no answer."""
        body = urlencode(self._fields(question)).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, headers = await post(self._session, self._url, body, kind)
        match answer.strip():
            case b"false":
                return clean(self.name)
            case b"true":
                if headers.get(_TIP) == "discard":
                    return bad(self.name, _DISCARD, [Reason("akismet_discard")])
                return bad(self.name, _SPAM, [Reason("akismet_spam")])
        # "invalid": the key, or a field that is needed, is wrong.
        raise EngineFailed("it answered neither true nor false")

    def _fields(self, question: Question) -> dict[str, str]:
        written = question.submission
        return {
            "api_key": self._key,
            "blog": self._articles_url,
            "user_ip": question.address,
            "permalink": f"{self._articles_url}/articles/{written.article}",
            "comment_type": "reply" if written.parent else "comment",
            "comment_author": written.name,
            "comment_content": f"{written.title}\n\n{written.content}",
            "comment_date_gmt": written.received_at.isoformat(timespec="seconds"),
            "blog_lang": written.language,
            "blog_charset": "UTF-8",
        }
