"""The operations of the REST face: one for each `google.api.http` rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from protobuf import DescField, DescMessage, DescMethod

from triptych.codec.descriptors import form_of, well_known
from triptych.openapi.errors import ErrorShape
from triptych.openapi.examples import sample_of
from triptych.openapi.operations import operation
from triptych.openapi.scalars import Schema
from triptych.openapi.schemas import Schemas
from triptych.rpc.methods import Method
from triptych.transport.rest.calls import file_field
from triptych.transport.rest.http_rule import CheckedRule, http_rules
from triptych.transport.rest.query import ALL
from triptych.transport.rest.routes import ANY_VERB
from triptych.transport.rest.template import Template, Variable, Wildcard

_VERBS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ANY: Final = ("get", "put", "post", "delete", "patch")


def rest_operations(
    desc: DescMethod, method: Method, id: str, comment: str, schemas: Schemas, shape: ErrorShape
) -> Iterator[tuple[str, str, Schema]]:
    """Yield the path, the verb and the operation of each way to call a method.

    Verbs that OpenAPI has no place for are left out.
    """
    for index, rule in enumerate(http_rules(desc)):
        checked = CheckedRule(rule, desc, additional=index > 0)
        if checked.template is None:
            continue
        verbs = _ANY if checked.verb == ANY_VERB else (checked.verb.lower(),)
        for number, verb in enumerate(verbs):
            if verb in _VERBS:
                suffix = "".join(filter(None, (str(index + 1) if index else "", verb if number else "")))
                yield (
                    path_of(checked.template),
                    verb,
                    operation(
                        desc,
                        method,
                        id=id + suffix.capitalize(),
                        comment=comment,
                        parameters=[*_parameters(desc.input, checked.template, rule.body, schemas)],
                        body=_body(desc.input, checked.template, rule.body, method, schemas),
                        response=_response(desc.output, rule.response_body, schemas),
                        shape=shape,
                        body_may_be_empty=rule.body == ALL
                        and file_field(method) is None
                        and not _needs_fields(desc.input, checked.template, schemas),
                    ),
                )


def path_of(template: Template) -> str:
    """Write a template as OpenAPI does, which knows neither `*` nor `**`: variables are whole segments."""
    text = re.sub(r"\{([^}=]+)=[^}]*\}", r"{\1}", str(template))
    return re.sub(r"\*\*?", "{_}", text)


def _parameters(request: DescMessage, template: Template, body: str, schemas: Schemas) -> Iterator[Schema]:
    names = {variable.name for variable in template.variables}
    for variable in template.variables:
        field = _field(request, variable.path)
        schema = schemas.field(field, "input", in_json=False)
        if pattern := _pattern(template, variable):
            schema["pattern"] = pattern
        yield _parameter(variable.name, "path", schema)
    if body == ALL:
        return
    for name, field in _leaves(request, ()):
        if name not in names and name.partition(".")[0] != body:
            yield _parameter(
                _query_name(request, name, schemas), "query", schemas.field(field, "input", in_json=False)
            )


def _query_name(request: DescMessage, name: str, schemas: Schemas) -> str:
    message, keys = request, []
    for each in name.split("."):
        field = next(field for field in message.fields if field.name == each)
        keys.append(schemas.spelling.key(field))
        element = form_of(field).element
        message = element if isinstance(element, DescMessage) else message
    return ".".join(keys)


def _leaves(message: DescMessage, above: tuple[str, ...]) -> Iterator[tuple[str, DescField]]:
    """Yield the fields that a query can give, by their paths; a type within itself is not looked into."""
    for field in message.fields:
        form = form_of(field)
        inner = form.element if isinstance(form.element, DescMessage) else None
        if form.shape == "map" or (inner is not None and form.shape == "list"):
            continue
        if inner is None or well_known(inner):
            yield field.name, field
        elif inner.type_name not in above:
            for name, leaf in _leaves(inner, (*above, message.type_name)):
                yield f"{field.name}.{name}", leaf


def _parameter(name: str, place: str, schema: Schema) -> Schema:
    description = schema.pop("description", "")
    schema.pop("readOnly", None)
    examples = schema.pop("examples", None)
    return {
        "name": name,
        "in": place,
        **({"required": True} if place == "path" else {}),
        **({"description": description} if description else {}),
        "schema": schema,
        **({"example": examples[0]} if examples else {}),
    }


def _body(
    request: DescMessage, template: Template, body: str, method: Method, schemas: Schemas
) -> Mapping[str, Any] | None:
    if not body:
        return None
    if body != ALL:
        return {
            "application/json": {"schema": schemas.field(_field(request, (body,)), "input", in_json=False)}
        }
    by_path = {variable.name for variable in template.variables}
    if (name := file_field(method)) is not None:
        # JSON is taken too, with the file in base64; generators stumble over a choice of two.
        return {"multipart/form-data": {"schema": _form(request, name, by_path, schemas)}}
    schema = schemas.message(request, "input", by_path) if by_path else schemas.ref(request, "input")
    sample = sample_of(request, schemas.spelling.key, by_path)
    return {"application/json": {"schema": schema, "example": sample}}


def _needs_fields(request: DescMessage, template: Template, schemas: Schemas) -> bool:
    """Tell whether a message lacks something without a body: no content at all is the empty message."""
    by_path = {variable.name for variable in template.variables}
    return bool(schemas.message(request, "input", by_path).get("required"))


def _form(request: DescMessage, file: str, by_path: Iterable[str], schemas: Schemas) -> Schema:
    """Return the schema of a form, in which a part brings the file."""
    schema = schemas.message(request, "input", by_path)
    about = "JSON is taken as well, with the file in base64."
    schema["description"] = f"{schema.get('description', '')}\n\n{about}".strip()
    for field in request.fields:
        key = schemas.spelling.key(field)
        if field.name == file:
            description = schema["properties"].pop(key).get("description", "")
            part = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
            schema["properties"][field.name] = {**part, "description": description}
        elif key in schema["properties"]:
            part = schemas.field(field, "input", in_json=False)
            if part.get("readOnly"):
                del schema["properties"][key]  # no text can give it
            else:
                schema["properties"][key] = part
    schema["required"] = [*schema.get("required", ()), file]
    return schema


def _response(response: DescMessage, field: str, schemas: Schemas) -> Schema:
    return schemas.field(_field(response, (field,)), "output") if field else schemas.ref(response, "output")


def _field(message: DescMessage, path: Iterable[str]) -> DescField:
    found: DescField | None = None
    for name in path:
        found = next(field for field in message.fields if field.name == name)
        element = form_of(found).element
        message = element if isinstance(element, DescMessage) else message
    assert found is not None  # noqa: S101 - paths are not empty
    return found


def _pattern(template: Template, variable: Variable) -> str:
    """Return what a variable of several segments looks like; empty for one that is any segment."""
    own = template.segments[variable.start : variable.end]
    if own == (Wildcard.ONE,):
        return ""
    parts = {Wildcard.ONE: "[^/]+", Wildcard.REST: ".*"}
    return (
        "^" + "/".join(parts[each] if isinstance(each, Wildcard) else re.escape(each) for each in own) + "$"
    )
