"""Records as rows: which columns a record has, read from the types of its fields.

A text, a number, a truth value, an enumeration, bytes and a message are one column; an instant is two. A
record inside a record is the columns of its fields, their names after its own. Tuples and sets are JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache, partial
from itertools import starmap
from operator import attrgetter
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import orjson
from protobuf import Message

from triptych.store.records import Instant
from triptych.store.sql.instants import NANOS_SUFFIX, join, split

RecordT = TypeVar("RecordT")

_INSTANT: Final = get_args(Instant)
_NO_ITEMS: Final = "[]"
_DISTINCT: Final = 10_000


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        name: Its name.
        type: `text`, `integer`, `boolean` or `bytes`.
        nullable: Whether it may hold no value.
    """

    name: str
    type: str
    nullable: bool = False


class _Form(NamedTuple):
    """How a value of some type is kept.

    Attributes:
        columns: The columns; names are added to the name of the field.
        write: Makes the values of the columns.
        read: Makes the value of them; None if a single column holds it as it is.
    """

    columns: tuple[Column, ...]
    write: Callable[[Any], tuple[Any, ...]]
    read: Callable[..., Any] | None


class RowMapper(Generic[RecordT]):
    """Makes rows of records, and records of rows.

    Args:
        record_class: The class of the records.

    Attributes:
        columns: The columns of a row, in its order.

    Raises:
        TypeError: A field has a type that there is no column for.
    """

    def __init__(self, record_class: type[RecordT]) -> None:
        self._class = record_class
        hints = get_type_hints(record_class, include_extras=True)
        self._writers: list[tuple[Callable[[Any], Any], Callable[[Any], tuple[Any, ...]]]] = []
        self._plain: list[tuple[Callable[[Any, Any], None], int]] = []
        self._single: list[tuple[Callable[[Any, Any], None], int, Callable[[Any], Any]]] = []
        self._several: list[tuple[Callable[[Any, Any], None], slice, Callable[..., Any]]] = []
        columns: list[Column] = []
        for field in fields(record_class):  # type: ignore[arg-type] # every record is a dataclass
            form = _form(hints[field.name])
            # Records are frozen: they are filled in by the descriptors of their slots.
            put = getattr(record_class, field.name).__set__
            if form.read is None:
                self._plain.append((put, len(columns)))
            elif len(form.columns) == 1:
                self._single.append((put, len(columns), form.read))
            else:
                self._several.append((put, slice(len(columns), len(columns) + len(form.columns)), form.read))
            self._writers.append((attrgetter(field.name), form.write))
            columns += [each._replace(name=field.name + each.name) for each in form.columns]
        self.columns = tuple(columns)

    def row(self, record: RecordT) -> tuple[Any, ...]:
        """Return the row of a record."""
        values: tuple[Any, ...] = ()
        for get, write in self._writers:
            values += write(get(record))
        return values

    def record(self, row: Sequence[Any]) -> RecordT:
        """Return the record of a row; what follows its columns is passed over."""
        record = object.__new__(self._class)
        for put, index in self._plain:
            put(record, row[index])
        for put, index, read in self._single:
            put(record, read(row[index]))
        for put, part, read_several in self._several:
            put(record, read_several(*row[part]))
        return record

    def records(self, rows: Iterable[Sequence[Any]]) -> list[RecordT]:
        """Return the records of rows."""
        return list(map(self.record, rows))


def _form(kind: Any) -> _Form:
    """Return how values of a type are kept.

    Raises:
        TypeError: There is no column for the type.
    """
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        [present] = [each for each in get_args(kind) if each is not NoneType]
        return _nullable(_form(present))
    if origin is Annotated and get_args(kind) == _INSTANT:
        return _Form((Column("", "integer"), Column(NANOS_SUFFIX, "integer")), split, join)
    if origin in (tuple, frozenset):
        return _collection(origin, get_args(kind)[0])
    if kind is str:
        return _Form((Column("", "text"),), _alone, None)
    if kind is bool:
        return _Form((Column("", "boolean"),), _alone, bool)
    if kind is int:
        return _Form((Column("", "integer"),), _alone, None)
    if kind is bytes:
        return _Form((Column("", "bytes"),), _alone, None)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enumeration(kind)
    if isinstance(kind, type) and issubclass(kind, Message):
        return _Form((Column("", "bytes"),), lambda message: (message.to_binary(),), kind.from_binary)
    if isinstance(kind, type) and is_dataclass(kind):
        return _nested(kind)
    raise TypeError(f"no column can hold {kind!r}")


def _alone(value: Any) -> tuple[Any, ...]:
    return (value,)


def _nullable(form: _Form) -> _Form:
    nothing = (None,) * len(form.columns)
    write, read = form.write, form.read
    return _Form(
        tuple(each._replace(nullable=True) for each in form.columns),
        lambda value: nothing if value is None else write(value),
        read and (lambda first, *rest: None if first is None else read(first, *rest)),
    )


def _enumeration(kind: type[Enum]) -> _Form:
    members = {member.value: member for member in kind}
    if all(isinstance(value, int) for value in members):

        def read(value: int) -> Any:
            return members[value] if value in members else kind(value)  # the contract's are open

        return _Form((Column("", "integer"),), lambda member: (int(member),), read)
    return _Form((Column("", "text"),), lambda member: (member.value,), kind)


def _parts(kind: type[Any]) -> list[tuple[Callable[[Any], Any], _Form, str]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(attrgetter(each.name), _form(hints[each.name]), each.name) for each in fields(kind)]


def _nested(kind: type[Any]) -> _Form:
    parts = _parts(kind)
    columns = [
        column._replace(name=f"_{name}{column.name}") for _, form, name in parts for column in form.columns
    ]
    # The same few of them are met again and again.
    read = lru_cache(maxsize=_DISTINCT)(partial(_read_parts, kind, [form for _, form, _ in parts]))
    return _Form(tuple(columns), partial(_write_parts, parts), read)


def _collection(origin: Callable[[Iterable[Any]], Any], item: Any) -> _Form:
    """Return how a tuple or a set is kept: as JSON of the columns of its items."""
    is_record = isinstance(item, type) and is_dataclass(item)
    form = _nested(item) if is_record else _form(item)
    nothing = origin(())

    def read_all(text: str) -> Any:
        if text == _NO_ITEMS:
            return nothing
        items = orjson.loads(text)
        if form.read is None:
            return origin(items)
        return origin(starmap(form.read, items) if is_record else map(form.read, items))

    def write_all(values: Any) -> tuple[str]:
        if not values:
            return (_NO_ITEMS,)
        items = [form.write(value) if is_record else form.write(value)[0] for value in values]
        return (orjson.dumps(items if origin is tuple else sorted(items)).decode(),)

    return _Form((Column("", "text"),), write_all, read_all)


def _write_parts(parts: Iterable[tuple[Callable[[Any], Any], _Form, str]], value: Any) -> tuple[Any, ...]:
    values: tuple[Any, ...] = ()
    for get, form, _ in parts:
        values += form.write(get(value))
    return values


def _read_parts(kind: type[Any], forms: Iterable[_Form], *values: Any) -> Any:
    arguments, first = [], 0
    for form in forms:
        part = values[first : first + len(form.columns)]
        arguments.append(part[0] if form.read is None else form.read(*part))
        first += len(form.columns)
    names = [each.name for each in fields(kind)]
    return kind(**dict(zip(names, arguments, strict=True)))
