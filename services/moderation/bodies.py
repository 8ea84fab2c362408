"""Bodies of JSON, read by their models."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from commentdesk.web import FieldError, Problem

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], body: dict[str, Any]) -> Model:
    """The body as its model has it.

    Raises:
        Problem: 422 with what is wrong in each field.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise refused_body(error) from None


def refused_body(error: ValidationError) -> Problem:
    """422 with what is wrong in each field; what was typed is not repeated."""
    troubles = error.errors(include_url=False, include_context=False, include_input=False)
    return Problem(422, "invalid", errors=[_field_error(t) for t in troubles])


def _field_error(trouble: Any) -> FieldError:
    field = ".".join(str(part) for part in trouble["loc"])
    return FieldError(field, trouble["type"], trouble["msg"])
