"""The pages' templates, compiled once: whatever is forked from here on finds them compiled.

Each process of the console would compile what it shows anew, for half a second in all.
"""

import jinja2
from jinja2.bccache import Bucket

from commentdesk.web.pages import templates
from tests.prepared import ROOT

_SERVICES = ("intake", "moderation", "articles")


class _InMemory(jinja2.BytecodeCache):
    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _InMemory()


class _Environment(jinja2.Environment):
    def __init__(self, **options: object) -> None:
        super().__init__(**options, bytecode_cache=_COMPILED)  # type: ignore[arg-type]


jinja2.Environment = _Environment  # type: ignore[assignment, misc]
for service in _SERVICES:
    environment = templates(ROOT / "services" / service / "templates")
    for name in environment.list_templates():
        environment.get_template(name)
