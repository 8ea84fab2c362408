"""The OpenAPI documents under fuzzing: whatever is sent, only what they promise comes back."""

import os
from copy import deepcopy
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from commentdesk.ledger.receipts import receipt_code
from commentdesk.ledger.rehearsals import ask_rehearsal
from tests.attacks.contract import DOCUMENTS, calls, documented
from tests.installation import Installation
from tests.reader import ARTICLE, CLEAN, DOUBTFUL, Desk, Reader

pytestmark = pytest.mark.slow
# For each operation and each way of making cases; raise it to dig deeper.
EXAMPLES = int(os.environ.get("COMMENTDESK_FUZZ_EXAMPLES", "10"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
]
# Streams never end: a test of their own reads their beginnings.
STREAMS = ("/v1/events", "/v1/articles/{id}/comments/events")
# Not described: what tells of the service itself, and files.
OF_ITSELF = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/static")
CALLERS = {
    "intake": ("nobody",),
    "moderation": ("nobody", "admin", "server"),
    "articles": ("nobody", "server"),
}
# What a path is about where it is about no submission, or about another one.
OF_THEIR_OWN = ("captcha", "rehearsal", "erase")
OPERATIONS = [
    (service, f"{method} {path}")
    for service in CALLERS
    for method, path in documented(service)
    if path not in STREAMS
]
Operation = APIOperation[Any, Any, Any, Any]
Asked = Case[Any]
TIME = "2026-09-02T01:00:00Z"
STORY = {"title": "Tựa", "lead": "", "body": "", "language": "vi", "published_at": TIME}
COMMENT = {
    "id": "one",
    "version": 1,
    "name": "Mai",
    "title": "Hay",
    "content": "Hay lắm",
    "language": "vi",
    "received_at": TIME,
}


def light(document: Any) -> Any:
    """The document without limits of thousands: making texts that long takes the fuzzer minutes."""
    if isinstance(document, list):
        return [light(item) for item in document]
    if isinstance(document, dict):
        return {
            key: light(value)
            for key, value in document.items()
            if key not in {"maxLength", "maxItems"} or value < 1000
        }
    return document


# Who calls is said by the headers, not made up.
CONFIG = {
    "generation": {"with-security-parameters": False},
    "checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}},
}
SCHEMAS = {
    service: schemathesis.openapi.from_dict(
        light(deepcopy(document)), config=schemathesis.Config.from_dict(CONFIG)
    )
    for service, document in DOCUMENTS.items()
}


class Calls:
    """Calls operations as someone and holds every answer against its document."""

    def __init__(self, site: Installation, headers: dict[str, dict[str, str]]) -> None:
        self.site, self.headers = site, headers
        self.session = requests.Session()
        # What the paths' parameters have to be to lead to something.
        self.there: dict[str, dict[str, str]] = {}

    def ask(self, service: str, caller: str, case: Asked, **headers: str) -> schemathesis.Response:
        url = getattr(self.site, service)
        sent = {**self.headers[caller], **headers}
        answer = case.call(url, self.session, sent, allow_redirects=False)
        self.session.cookies.clear()
        case.validate_response(answer, checks=CHECKS)
        return answer

    def make(self, service: str, label: str, **parts: Any) -> Asked:
        operation = operation_of(service, label)
        return operation.Case(
            path_parameters={**self.there[f"{service} {operation.path}"], **parts.pop("path", {})},
            **parts,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fuzzed(site: Installation) -> Any:
    """An installation with something in it, and all who may call it."""
    desk = await Desk.log_in(site, "mai")
    cookie = {c.key: c.value for c in desk.http.cookie_jar}["commentdesk_session"]
    calls = Calls(
        site,
        {
            "nobody": {},
            "admin": {"Cookie": f"commentdesk_session={cookie}", "X-CSRF-Token": desk.csrf},
            "server": {"Authorization": f"Bearer {site.token}"},
        },
    )
    reader = Reader(site, desk.http)
    published, held = await reader.accepted(**CLEAN), await reader.accepted(**DOUBTFUL)
    # Another, for its reader may withdraw it.
    changed = await reader.accepted(**DOUBTFUL)
    await reader.reaches(published, "published")
    await reader.reaches(held, "held")
    await desk.close()
    ledger = site.ledger()
    step = {"what": "threshold", "part": "hold", "one_in": 50, "article": "", "about": ""}
    rehearsal = await ask_rehearsal(ledger, step, "mai")
    receipt = receipt_code(ledger, changed)
    await ledger.close()
    # One of its own for erasing: nothing else can be done to it afterwards.
    known = {"submission": held, "erase": published, "captcha": site.captcha(ARTICLE).id}
    known |= {"rehearsal": rehearsal.id, "receipt": receipt}
    calls.there = {
        f"{service} {path}": parameters(service, path, known)
        for service in DOCUMENTS
        for _, path in documented(service)
    }
    yield calls
    calls.session.close()


def parameters(service: str, path: str, known: dict[str, str]) -> dict[str, str]:
    if "{" not in path:
        return {}
    if "/articles/" in path:
        return {"article": ARTICLE} if service == "intake" else {"id": "library-of-things"}
    if "{scope}" in path:
        return {"scope": f"article:{ARTICLE}"}
    if "/receipts/" in path:
        return {"code": known["receipt"]}
    for name, value in (("code", "spam"), ("batch", known["submission"])):
        if f"{{{name}}}" in path:
            return {name: value}
    return {"id": known[next((each for each in OF_THEIR_OWN if each in path), "submission")]}


def operation_of(service: str, label: str) -> Operation:
    found = SCHEMAS[service].find_operation_by_label(label)
    assert found is not None
    return found


def modes(operation: Operation) -> list[GenerationMode]:
    """Well-formed and malformed; where there is nothing to fill in, nothing can be malformed."""
    fields = [*operation.path_parameters, *operation.query, *operation.body]
    return list(GenerationMode) if fields else [GenerationMode.POSITIVE]


def cases(
    operation: Operation, there: dict[str, str], mode: GenerationMode
) -> st.SearchStrategy[Asked]:
    """Made-up cases, half of the well-formed ones about something that is there."""
    made_up = operation.as_strategy(generation_mode=mode)
    if mode.is_negative or not there:
        return made_up
    return made_up | operation.as_strategy(generation_mode=mode, path_parameters=there)


@pytest.mark.parametrize(("service", "label"), OPERATIONS)
def test_an_operation_answers_as_documented(fuzzed: Calls, service: str, label: str) -> None:
    operation, schema = operation_of(service, label), SCHEMAS[service]

    def ask(case: Asked) -> None:
        # Making a case up takes longer than asking it: each is asked by all who may call.
        for caller in CALLERS[service]:
            fuzzed.ask(service, caller, case)

    for case in schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation),
    ):
        ask(case)
    there = fuzzed.there[f"{service} {operation.path}"]
    for mode in modes(operation):
        settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(cases(operation, there, mode))(ask))()


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_route_of_the_table_is_in_the_document(service: str) -> None:
    routes = {call for call in calls(service) if not call[1].startswith(OF_ITSELF)}
    if service == "moderation":
        # The console's pages are for people.
        routes = {(method, path) for method, path in routes if path.startswith("/v1/")}
    assert set(documented(service)) == routes


@pytest.mark.parametrize("service", DOCUMENTS)
def test_a_document_names_every_status_one_by_one(service: str) -> None:
    for path, item in DOCUMENTS[service]["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                assert "default" not in operation["responses"], path


async def test_what_goes_well_is_answered_as_documented(fuzzed: Calls) -> None:
    async with aiohttp.ClientSession() as http:
        form = Reader(fuzzed.site, http).form()
    page = {"accept": "text/html", "media_type": "application/x-www-form-urlencoded"}
    article, comment = {"path": {"id": "a-new-one"}}, {"path": {"id": "of-nobody"}}
    # What the fuzzing asked for may be too old by now.
    captcha = {"path": {"id": fuzzed.site.captcha(ARTICLE).id}}
    items = {"items": [{**COMMENT, "article": "library-of-things"}]}
    for service, label, status, parts in (
        ("intake", "POST /v1/captchas", 201, {"body": {"article": ARTICLE}}),
        ("intake", "GET /v1/captchas/{id}/image", 200, captcha),
        ("intake", "GET /v1/captchas/{id}/audio", 200, captcha),
        ("intake", "POST /v1/articles/{article}/comments", 202, {"body": form}),
        ("intake", "POST /v1/articles/{article}/comments", 303, {**page, "body": form}),
        ("intake", "POST /v1/articles/{article}/comments", 422, {**page, "body": {"name": ""}}),
        ("intake", "POST /v1/articles/{article}/form", 200, {**page, "body": {"name": "Mai"}}),
        ("intake", "GET /v1/submissions/{id}", 200, {}),
        ("intake", "GET /v1/receipts/{code}", 200, {}),
        ("intake", "GET /receipts/{code}", 200, page),
        ("articles", "PUT /v1/articles/{id}", 201, {**article, "body": STORY}),
        ("articles", "PUT /v1/articles/{id}", 200, {**article, "body": STORY}),
        ("articles", "PUT /v1/comments", 200, {"body": items}),
        ("articles", "DELETE /v1/comments/{id}", 200, {**comment, "query": {"version": 1}}),
        ("articles", "GET /v1/articles/{id}/comments", 200, {}),
        ("articles", "GET /v1/articles/{id}/views.gif", 200, {}),
    ):
        sent: dict[str, Any] = {"media_type": "application/json", "accept": "*/*", **parts}
        accept = sent.pop("accept")
        caller = "nobody" if service == "intake" else "server"
        answer = fuzzed.ask(service, caller, fuzzed.make(service, label, **sent), Accept=accept)
        assert answer.status_code == status, label


def test_decisions_are_answered_as_documented(fuzzed: Calls) -> None:
    submission = fuzzed.there["moderation /v1/submissions/{id}"]["id"]
    found = fuzzed.ask("moderation", "admin", fuzzed.make("moderation", "GET /v1/submissions/{id}"))
    item = {"id": submission, "seen_version": found.json()["version"]}
    for status, chosen in ((200, item), (409, item), (404, {**item, "id": "0" * 36})):
        body = {"items": [chosen], "action": "reject", "reason": "spam"}
        case = fuzzed.make(
            "moderation", "POST /v1/decisions", body=body, media_type="application/json"
        )
        assert fuzzed.ask("moderation", "admin", case).status_code == status
    for label in ("GET /v1/submissions", "GET /v1/submissions/{id}", "GET /v1/stats"):
        assert fuzzed.ask("moderation", "server", fuzzed.make("moderation", label)).json()


async def test_live_streams_keep_their_promise(fuzzed: Calls) -> None:
    admin = fuzzed.headers["admin"]
    for url, headers, status, kind in (
        (f"{fuzzed.site.moderation}/v1/events", admin, 200, "text/event-stream"),
        (f"{fuzzed.site.moderation}/v1/events", {}, 401, "application/problem+json"),
        (
            f"{fuzzed.site.articles}/v1/articles/{ARTICLE}/comments/events",
            {},
            200,
            "text/event-stream",
        ),
        (
            f"{fuzzed.site.articles}/v1/articles/none/comments/events",
            {},
            404,
            "application/problem+json",
        ),
    ):
        async with (
            aiohttp.ClientSession() as http,
            http.get(url, headers=headers) as response,
        ):
            assert (response.status, response.content_type) == (status, kind)
            if status == 200:
                assert await response.content.readline() == b"event: ready\r\n"
