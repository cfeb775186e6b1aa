"""Values of fields, as JSON Schema describes what ProtoJSON writes."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from protobuf import ScalarType

from triptych.codec.descriptors import WRAPPERS

Schema: TypeAlias = dict[str, Any]

_NUMBER: Final[Schema] = {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
# Either alphabet, with or without padding.
_BASE64: Final = "^([A-Za-z0-9+/_-]{4})*([A-Za-z0-9+/_-]{2}(==)?|[A-Za-z0-9+/_-]{3}=?)?$"
_BYTES: Final[Schema] = {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}


def _small(low: int, high: int, **more: str) -> Schema:
    return {"type": "integer", **more, "minimum": low, "maximum": high}


def _large(format: str, sign: str) -> Schema:
    return {"type": "string", "format": format, "pattern": f"^{sign}(0|[1-9][0-9]{{0,17}})$"}


_INT32: Final = _small(-(2**31), 2**31 - 1, format="int32")
_UINT32: Final = _small(0, 2**32 - 1)
_INT64: Final = _large("int64", "-?")
_UINT64: Final = _large("uint64", "")

_SCALARS: Final[dict[ScalarType, Schema]] = {
    ScalarType.STRING: {"type": "string"},
    ScalarType.BOOL: {"type": "boolean"},
    ScalarType.BYTES: _BYTES,
    ScalarType.DOUBLE: _NUMBER,
    ScalarType.FLOAT: _NUMBER,
    **dict.fromkeys((ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32), _INT32),
    **dict.fromkeys((ScalarType.UINT32, ScalarType.FIXED32), _UINT32),
    **dict.fromkeys((ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64), _INT64),
    **dict.fromkeys((ScalarType.UINT64, ScalarType.FIXED64), _UINT64),
}

_WELL_KNOWN: Final[dict[str, Schema]] = {
    "Timestamp": {"type": "string", "format": "date-time"},
    "Duration": {
        "type": "string",
        "format": "duration-seconds",
        "pattern": "^-?[0-9]{1,11}(\\.[0-9]{1,9})?s$",
    },
    "FieldMask": {"type": "string"},
    "Struct": {"type": "object"},
    "Value": {},
    "ListValue": {"type": "array", "items": {}},
    "Any": {"type": "object", "properties": {"@type": {"type": "string"}}},
    "Empty": {"type": "object", "properties": {}},
    "NullValue": {"type": "null"},
    **{name: _SCALARS[scalar] for name, scalar in WRAPPERS.items()},
}


def scalar_schema(scalar: ScalarType) -> Schema:
    """Return the schema of a scalar."""
    return dict(_SCALARS[scalar])


def well_known_schema(name: str) -> Schema | None:
    """Return the schema of a well-known type by its short name; None for types that are as all others."""
    found = _WELL_KNOWN.get(name)
    return None if found is None else dict(found)
