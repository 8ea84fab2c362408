"""What the OpenAPI document of the moderation service is put together from."""

from typing import Any

from commentdesk.web.openapi import BODY_STATUSES, problems

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time"}
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
    content = {"application/json": {"schema": ref(body) if body else {"type": "object"}}}
    return {
        "summary": summary,
        "security": SESSION,
        "requestBody": {"required": True, "content": content},
        "responses": answers(schema, 401, 403, *BODY_STATUSES, *fails),
    }


def answers(schema: str, *fails: int) -> Schema:
    content = {"application/json": {"schema": ref(schema)}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def id_in_path() -> Schema:
    schema = {"type": "string", "format": "uuid"}
    return {"name": "id", "in": "path", "required": True, "schema": schema}


def cursor_in_query() -> Schema:
    schema = {"type": "string", "pattern": "^([0-9a-f-]{36})?$"}
    return {"name": "cursor", "in": "query", "schema": schema}


def an_object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def a_list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
