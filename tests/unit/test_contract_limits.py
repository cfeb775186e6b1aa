"""Every text, bytes and list of a request has a bound in the contract, or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from protobuf import DescField, DescMessage, ScalarType

from triptych.codec.descriptors import form_of, reachable, well_known
from triptych.rpc.rule_texts import PATTERNS, TEXTS
from triptych.services import PUBLISHED
from triptych_api.buf.validate.validate_pb import FieldRules, Ignore, ext_field
from triptych_api.triptych.seed.v1 import seed_pb

UNBOUNDED = {
    "factify.api.v1beta.CreateDocumentRequest.payload": "--max-message, or --max-upload in a form",
    "gitpod.v1.DeleteProjectsRequest.project_ids (item)": "checked one by one, as DeleteProjectRequest",
    "triptych.seed.v1.SeedDocument.text": "--max-upload",
    "triptych.seed.v1.SeedDocument.data": "an export's own",
    "triptych.seed.v1.SeedDocumentVersion.data": "an export's own",
}
"""Fields without a bound, each with what bounds it instead."""

SIZED = {"max_len", "len", "max_bytes", "len_bytes", "in", "in_", "const"}
OWN_TEXTS = {  # rules whose texts are good as they are, or that need the place to be told
    "int32.gte_lte", "int32.gte", "int32.lte", "duration.gte", "duration.lte",
    "string.pattern", "enum.defined_only", "enum.not_in",
}  # fmt: skip


def rules_of(field: DescField) -> FieldRules:
    options = field.proto.options
    return options[ext_field] if options is not None and ext_field in options else FieldRules()


def is_sized(rules: FieldRules | None) -> bool:
    """Tell whether a string or bytes may only be so long."""
    if rules is None or rules.type is None:
        return False
    kind = rules.type.value
    names = {name for name in kind.desc().type.__slots__ if name in SIZED}
    if any(kind.has_field(name) for name in names if name in {"max_len", "len", "max_bytes", "len_bytes"}):
        return True
    if getattr(kind, "in_", None):
        return True
    if getattr(kind, "well_known", None) is not None and kind.well_known.field == "uuid":
        return True
    return bool(kind.pattern) and not re.search(r"[*+]|,\}", kind.pattern)


def unbounded(field: DescField) -> Iterator[str]:
    """Name what of a field has no bound: its length, and what is in it."""
    form, rules = form_of(field), rules_of(field)
    name = f"{field.parent.type_name}.{field.name}"
    is_text = form.element in (ScalarType.STRING, ScalarType.BYTES)
    kind = rules.type.value if rules.type else None
    if form.shape == "one":
        if is_text and not is_sized(rules):
            yield name
    elif form.shape == "list":
        if kind is None or not kind.has_field("max_items"):
            yield name
        items = kind.items if kind else None
        if is_text and not (is_sized(items) and items.ignore is not Ignore.ALWAYS):
            yield f"{name} (item)"
    else:
        if kind is None or not kind.has_field("max_pairs"):
            yield name
        if form.key is ScalarType.STRING and not is_sized(kind.keys if kind else None):
            yield f"{name} (key)"
        if is_text and not is_sized(kind.values if kind else None):
            yield f"{name} (value)"


def contract() -> set[DescMessage]:
    requests = [method.input for service in PUBLISHED for method in service.desc.methods]
    return {message for root in [*requests, *seed_pb.desc().messages] for message in reachable(root)}


FIELDS = [
    field
    for message in sorted(contract(), key=lambda message: message.type_name)
    if not well_known(message)
    for field in message.fields
]


def test_every_text_and_every_list_has_a_bound() -> None:
    found = {name for field in FIELDS for name in unbounded(field)}
    seed_lists = {
        name for field in FIELDS for name in unbounded(field)
        if field.parent.type_name.startswith("triptych.seed.") and form_of(field).shape == "list"
    }  # fmt: skip
    assert found - seed_lists == set(UNBOUNDED)


def test_there_is_something_to_look_at() -> None:
    names = {f"{field.parent.type_name}.{field.name}" for field in FIELDS}
    assert {"gitpod.v1.EditorVersions.versions", "gitpod.v1.GitInitializer.remote_uri"} <= names


def test_what_is_kept_or_searched_for_holds_no_nul() -> None:
    """Rules that allow no other text, as ids have, refuse NUL too."""
    for field in FIELDS:
        for rules in (rules_of(field), *items_of(rules_of(field))):
            if rules.type and rules.type.field == "string" and rules.type.value.max_len > 0:
                kind = rules.type.value
                page_token = field.name in {"token", "page_token"} or field.parent.name == "Sort"
                assert kind.pattern or kind.well_known or page_token, field.name


def items_of(rules: FieldRules) -> Iterator[FieldRules]:
    if rules.type and rules.type.field == "repeated" and rules.type.value.items:
        yield rules.type.value.items
    if rules.type and rules.type.field == "map":
        yield from (each for each in (rules.type.value.keys, rules.type.value.values) if each)


def patterns() -> Iterator[str]:
    for field in FIELDS:
        for rules in (rules_of(field), *items_of(rules_of(field))):
            if rules.type and rules.type.field == "string" and rules.type.value.pattern:
                yield rules.type.value.pattern


@pytest.mark.parametrize("pattern", sorted(set(patterns())))
def test_every_pattern_is_told_in_words(pattern: str) -> None:
    text = PATTERNS[pattern]
    if " such as " in text:
        assert re.fullmatch(pattern, text.rpartition(" such as ")[2])


def test_no_text_is_for_a_rule_that_does_not_exist() -> None:
    kinds = {each.name: form_of(each).element for each in FieldRules.desc().fields}
    for rule in TEXTS.keys() - {"required"}:
        kind, _, name = rule.partition(".")
        element = kinds[kind]
        assert isinstance(element, DescMessage)
        assert name.removesuffix("_empty") in {each.name for each in element.fields}
