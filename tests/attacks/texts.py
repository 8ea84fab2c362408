"""Texts to attack with: whatever Unicode has, and what intake lets through of it."""

import unicodedata

from hypothesis import strategies as st

from commentdesk.domain.text import has_control_character
from commentdesk.settings import Settings
from commentdesk.web import FieldError
from services.intake.forms import read_form

# Any code point at all, lone surrogates, NUL and noncharacters among them.
ANY = st.text(st.characters())
CURIOUS = st.text(
    st.sampled_from(
        [
            *"aAđĐễǰßẞİıſﬃ½²３\u0660\u0967",
            *"\u0301\u0316\u0323\u0345\u034f\u0f73\u3099\uff9e\u1ab0\u20dd\u0591",
            *"\u00ad\u200b\u200c\u200d\u200e\u202e\u2066\u2069\ufeff\U000e0041\U000e007f",
            *"\u0600\u1100\u1161\u11a8\uac00\u0915\u094d\U0001f1fb\U0001f1f3👩🏽",
            *"\t\n\r \u00a0\u0085\u2028\u2029\u3000\x00\x07\x1b\x7f\x9b",
            *"\ufdd0\ufffe\uffff\U0001fffe\ud800\udfff\ufdfa\ufffd\U0010ffff",
            *"<>&\"'`]=;:/\\@%_.-+()0123456789",
        ]
    )
)
# Longer rows than the thirty marks that are kept on a letter; some are of one class.
MARKS = "\u0301\u0308\u0300\u1ab0\u20dd\u0316\u0323\u0345\u0591\u0f73\u3099\uff9e\u0344"
ROWS = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["", "a", "ễ", " ", "\n"]),
    st.text(st.sampled_from(MARKS), min_size=29, max_size=60),
    st.sampled_from(["", "a", "\u200d\u0316", "\uac00"]),
)
NASTY = ANY | CURIOUS | CURIOUS.map(lambda text: text * 20) | ROWS | ROWS.map(lambda row: row * 40)
# A site that asks for what sites ask for where nobody says otherwise.
SITE = Settings.model_construct()
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


def accepted(field: str) -> st.SearchStrategy[str]:
    """What intake makes of any text in this field, if it takes it.

    Phones that are none too: those that are would hardly ever be drawn, and checks read them all.
    """
    read = NASTY.map(lambda raw: read_form({field: _takeable(raw)}, SITE))
    good = read.filter(lambda form: all(_is_phone(e) for e in form.errors if e.field == field))
    return good.map(lambda form: form[field])


def _is_phone(error: FieldError) -> bool:
    return error.code.startswith("phone_")


def _takeable(text: str) -> str:
    """Most of what is refused left out, so that few texts are made in vain."""
    return "".join(c for c in text[:200] if not has_control_character(c)) or "a"


def in_form(form: str, text: str) -> str:
    """The text in one of Unicode's normal forms."""
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]
