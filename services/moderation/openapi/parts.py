"""What the OpenAPI document of the moderation service is put together from."""

from commentdesk.web.openapi import BODY_STATUSES, Schema, a_body, in_path, in_query, problems, ref

SESSION: list[dict[str, list[str]]] = [{"session": []}]
READER: list[dict[str, list[str]]] = [{"session": []}, {"serviceToken": []}]


def reads(
    summary: str,
    schema: str,
    parameters: list[Schema] | None = None,
    fails: tuple[int, ...] = (),
) -> Schema:
    return {
        "summary": summary,
        "security": READER,
        "parameters": parameters or [],
        "responses": answers(schema, 401, *fails),
    }


def posts(summary: str, body: str | None, schema: str, fails: tuple[int, ...]) -> Schema:
    nothing = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "summary": summary,
        "security": SESSION,
        "requestBody": a_body(body) if body else nothing,
        "responses": answers(schema, 401, 403, *BODY_STATUSES, *fails),
    }


def answers(schema: str, *fails: int) -> Schema:
    content = {"application/json": {"schema": ref(schema)}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def id_in_path() -> Schema:
    return in_path("id", {"type": "string", "format": "uuid"})


def cursor_in_query() -> Schema:
    return in_query("cursor", {"type": "string", "pattern": "^([0-9a-f-]{36})?$"})
