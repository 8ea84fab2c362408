"""Where a comment stands in a thread, whatever order comments arrive in."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from services.articles.placement import Place, place


@dataclass(frozen=True)
class Said:
    id: str
    parent_id: str | None = None
    article: str = "a"


_NAMES = st.sampled_from("abcdefg")
_COMMENTS = st.lists(
    st.builds(Said, _NAMES, st.none() | _NAMES, st.sampled_from(["one", "two"])),
    unique_by=lambda said: said.id,
)


def test_a_reply_to_a_reply_joins_the_top_of_its_thread() -> None:
    places = place([Said("c", "b"), Said("b", "a"), Said("a")], {})
    assert {name: spot.top for name, spot in places.items()} == {"a": "a", "b": "a", "c": "a"}


def test_a_reply_finds_a_parent_that_stands_already() -> None:
    assert place([Said("c", "b")], {"b": Place("a", "top")})["c"].top == "top"


def test_what_stands_keeps_its_place() -> None:
    standing = {"b": Place("a", "b"), "x": Place("a", "x")}
    assert place([Said("b", "x")], standing)["b"].top == "b"


def test_an_unknown_parent_or_one_elsewhere_makes_a_top_comment() -> None:
    assert place([Said("b", "never-seen")], {})["b"].top == "b"
    assert place([Said("b", "x")], {"x": Place("other", "x")})["b"].top == "b"


@given(_COMMENTS)
def test_every_thread_has_a_top_that_is_shown(comments: list[Said]) -> None:
    places = place(comments, {})
    for said in comments:
        spot = places[said.id]
        assert spot.article == said.article
        assert places[spot.top] == Place(said.article, spot.top)


def test_a_ring_across_two_articles_leaves_nobody_under_a_reply() -> None:
    ring = [Said("d", "c"), Said("a", "d"), Said("b", "a", "other"), Said("c", "b")]
    places = place(ring, {})
    assert {name: spot.top for name, spot in places.items()} == {
        "d": "d",
        "a": "d",
        "b": "b",
        "c": "c",
    }


def test_a_long_chain_is_no_trouble() -> None:
    chain = [Said(str(i), str(i - 1) if i else None) for i in range(5000)]
    assert {spot.top for spot in place(chain[::-1], {}).values()} == {"0"}
