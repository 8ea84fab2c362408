"""House habits that a machine can hold; who may import whom is import-linter's (pyproject.toml)."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("commentdesk", "services", "workers")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
LOCKS = ("requirements.lock", "requirements-dev.lock")

# Refuses, while modules are imported, what belongs into functions: files opened for writing,
# connections, processes. What a library does at its own import is the library's.
IMPORT_EVERYTHING = """
import importlib, json, sys
FORBIDDEN = {"socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir"}
def asked_by_us():
    frame = sys._getframe(2)
    while frame.f_code.co_name != "<module>" or "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return "site-packages" not in frame.f_code.co_filename
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if (event in FORBIDDEN or writes) and asked_by_us():
        raise SystemExit(f"{event} {arguments[0]} at import of {sys.argv[-1]}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
for module in json.loads(sys.stdin.read()):
    sys.argv[-1] = module
    importlib.import_module(module)
"""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_a_file_is_read_in_one_sitting() -> None:
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_a_function_fits_a_screen() -> None:
    long = {
        f"{path.name}:{node.name}": length
        for path in FILES
        if "migrations" not in path.parts
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path in FILES
        if path.read_text("utf-8").strip()
        and "migrations" not in path.parts
        and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_no_module_has_a_vague_name() -> None:
    assert [str(path) for path in FILES if {path.stem, path.parent.name} & VAGUE] == []


def test_the_domain_needs_the_standard_library_alone() -> None:
    for path in (ROOT / "commentdesk/domain").glob("*.py"):
        foreign = {
            name
            for name in imported(path)
            if name.split(".")[0] not in sys.stdlib_module_names
            and not name.startswith("commentdesk.domain")
        }
        assert foreign == set(), path


def test_nothing_is_opened_at_import() -> None:
    modules = [
        module_name(path)
        for path in FILES
        if path.stem != "__main__" and "migrations" not in path.parts
    ]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING, "nothing yet"],
        input=json.dumps(modules),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"://|^--(?!hash)|find-links", text, re.MULTILINE)
    for entry in re.split(r"\n(?=\S)", text):
        if "==" in entry:
            assert "--hash=sha256:" in entry


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("python", ["3.11.2", "3.12.3", "3.13.5", "3.14.0"])
def test_a_lock_made_on_one_python_is_whole_on_the_others(lock: str, python: str) -> None:
    locked = locked_names(lock)
    needed = {
        (package.metadata["Name"], requirement.name)
        for package in distributions()
        if canonicalize_name(package.metadata["Name"]) in locked
        for requirement in requirements_on(package, python)
    }
    assert {pair for pair in needed if canonicalize_name(pair[1]) not in locked} == set()


def locked_names(lock: str) -> set[str]:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]) for line in lines if "==" in line}


def requirements_on(package: Distribution, python: str) -> Iterator[Requirement]:
    environment = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "extra": "",
    }
    for text in package.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield requirement
