"""What the documents say of the tests is so."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
_NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+)(?:\[[^`]*\])?)?`")


def named(document: str) -> set[tuple[str, str]]:
    """The test files, and the tests in them, that a document names."""
    return set(_NAMED.findall((ROOT / "docs" / document).read_text("utf-8")))


@cache
def functions_in(file: Path) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


@pytest.mark.parametrize("document", ["security.md", "reliability.md"])
def test_every_test_a_document_names_exists(document: str) -> None:
    found = named(document)
    assert found
    for file, test in found:
        assert (TESTS / file).exists(), f"{document} names {file}"
        assert not test or test in functions_in(TESTS / file), f"{document} names {file}::{test}"


def test_every_attack_stands_in_the_security_document() -> None:
    files = {file for file, _ in named("security.md")}
    assert {f"attacks/{file.name}" for file in (TESTS / "attacks").glob("test_*.py")} <= files
