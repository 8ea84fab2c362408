"""A pattern read structurally: what in it could make the work grow faster than the text."""

import re
from collections.abc import Iterator, Sequence
from re import _parser as parser
from typing import Any

Element = tuple[Any, Any]
# A repeat that may go on this long grows with the text; shorter ones are a constant.
_GROWING = 1_000
_ONE_CHARACTER = {"LITERAL", "NOT_LITERAL", "IN", "ANY", "CATEGORY", "RANGE", "GROUPREF"}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}


def dangers(pattern: str) -> list[str]:
    """What is wrong with the pattern; empty if its work is linear in the text.

    Stricter than need be: a growing repeat repeats one character alone, stands in no other
    repeat, and where more has to follow it stands behind an anchor with nothing variable next
    to it.
    """
    return list(_sequence(list(parser.parse(pattern)), within=1, anchored=False))


def _sequence(elements: Sequence[Element], *, within: int, anchored: bool) -> Iterator[str]:
    for place, (kind, content) in enumerate(elements):
        before, after = elements[:place], elements[place + 1 :]
        fixed = anchored or any(str(k) == "AT" for k, _ in before)
        if str(kind) in _REPEATS:
            yield from _repeat(content, after, within=within, anchored=fixed)
        else:
            for inner in _inner(str(kind), content):
                yield from _sequence(inner, within=within, anchored=fixed)


def _repeat(
    content: Any, after: Sequence[Element], *, within: int, anchored: bool
) -> Iterator[str]:
    _, most, body = content
    times = min(int(most), _GROWING)
    if within * times > _GROWING:
        yield "a repeat within a repeat"
    if times == _GROWING:
        if not _one_character(list(body)):
            yield "a growing repeat of more than one character"
        if after and not anchored:
            yield "a growing repeat, tried from every place, that may still fail"
        if any(str(kind) in _REPEATS and int(rest[1]) > 1 for kind, rest in after[:1]):
            yield "two repeats side by side"
    yield from _sequence(list(body), within=within * times, anchored=anchored)


def _inner(kind: str, content: Any) -> list[list[Element]]:
    if kind == "BRANCH":
        return [list(branch) for branch in content[1]]
    if kind == "SUBPATTERN":
        return [list(content[-1])]
    if kind in {"ASSERT", "ASSERT_NOT"}:
        return [list(content[1])]
    return [list(content)] if kind == "ATOMIC_GROUP" else []


def _one_character(body: list[Element]) -> bool:
    if len(body) != 1:
        return False
    kind, content = str(body[0][0]), body[0][1]
    inner = _inner(kind, content)
    return all(map(_one_character, inner)) if inner else kind in _ONE_CHARACTER


def in_module(module: object) -> dict[str, str]:
    """The compiled patterns a module holds, by name."""
    return {
        name: value.pattern
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) or type(value).__module__ == "_regex"
    }
