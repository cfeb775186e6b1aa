"""Tells which well-known types JSON writes in forms of their own, and what these unfold into."""

from __future__ import annotations

from protobuf import DescMessage, ScalarType

from triptych.codec.descriptors import form_of, reachable, well_known
from triptych.codec.limits import MAX_DEPTH

TEXTS = frozenset({"Timestamp", "Duration", "FieldMask"})
"""Types that are written as strings."""

WRAPPERS = {
    "BoolValue": ScalarType.BOOL,
    "BytesValue": ScalarType.BYTES,
    "DoubleValue": ScalarType.DOUBLE,
    "FloatValue": ScalarType.FLOAT,
    "Int32Value": ScalarType.INT32,
    "Int64Value": ScalarType.INT64,
    "StringValue": ScalarType.STRING,
    "UInt32Value": ScalarType.UINT32,
    "UInt64Value": ScalarType.UINT64,
}
"""Types that are written as the value that they wrap."""

TREES = frozenset({"Value", "Struct", "ListValue"})
"""Types that are written as any JSON."""

_SPECIAL = TEXTS | WRAPPERS.keys() | TREES | {"Any"}


def is_special(message: DescMessage) -> bool:
    """Tell whether JSON writes messages of a type in a form of their own."""
    return well_known(message) in _SPECIAL


def is_dense(root: DescMessage) -> bool:
    """Tell whether values of JSON, and not its objects only, become messages within messages of a type."""
    if is_special(root):
        return True
    for message in reachable(root):
        for form in map(form_of, message.fields):
            name = well_known(form.element) if isinstance(form.element, DescMessage) else ""
            many = form.shape != "one"
            if name in _SPECIAL and name != "Timestamp" and (many or name not in TEXTS):
                return True
    return False


def max_depth(root: DescMessage) -> int:
    """Tell how deeply JSON may be nested, so that the message is not nested more than MAX_DEPTH.

    A container within a Struct becomes two messages: a Value and what is in it.
    """
    doubling = any(well_known(message) in {"Value", "Any"} for message in reachable(root))
    return MAX_DEPTH // 2 if doubling else MAX_DEPTH
