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
from triptych.store.sql.instants import NANOS_SUFFIX, join, nanos, seconds

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


class _Source(NamedTuple):
    """Where the value of a column comes from.

    Attributes:
        path: The attribute of what is kept, as ".owner.id"; empty if it is that itself.
        write: Makes the value of the attribute; None if it is that.
    """

    path: str = ""
    write: Callable[[Any], Any] | None = None


class _Form(NamedTuple):
    """How a value of some type is kept.

    Attributes:
        columns: The columns; names are added to the name of the field.
        sources: For each of them, where its value comes from.
        read: Makes the value of them; None if a single column holds it as it is.
    """

    columns: tuple[Column, ...]
    sources: tuple[_Source, ...]
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
        self._plain: list[tuple[Callable[[Any, Any], None], int]] = []
        self._single: list[tuple[Callable[[Any, Any], None], int, Callable[[Any], Any]]] = []
        self._several: list[tuple[Callable[[Any, Any], None], slice, Callable[..., Any]]] = []
        columns: list[Column] = []
        sources: list[_Source] = []
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
            sources += [each._replace(path=f".{field.name}{each.path}") for each in form.sources]
            columns += [each._replace(name=field.name + each.name) for each in form.columns]
        self.columns = tuple(columns)
        self.row: Callable[[RecordT], tuple[Any, ...]] = _row_maker(sources)
        """Makes the row of a record."""

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
        columns = Column("", "integer"), Column(NANOS_SUFFIX, "integer")
        return _Form(columns, (_Source(write=seconds), _Source(write=nanos)), join)
    if origin in (tuple, frozenset):
        return _collection(origin, get_args(kind)[0])
    if kind in (str, int):
        return _Form((Column("", "text" if kind is str else "integer"),), (_Source(),), None)
    if kind is bool:
        return _Form((Column("", "boolean"),), (_Source(),), bool)
    if kind is bytes:
        return _Form((Column("", "bytes"),), (_Source(),), None)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enumeration(kind)
    if isinstance(kind, type) and issubclass(kind, Message):
        return _Form((Column("", "bytes"),), (_Source(write=kind.to_binary),), kind.from_binary)
    if isinstance(kind, type) and is_dataclass(kind):
        return _nested(kind)
    raise TypeError(f"no column can hold {kind!r}")


def _row_maker(sources: Sequence[_Source]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what makes the values of some columns, of two at least, of what is kept in them."""
    get = attrgetter(*(source.path.removeprefix(".") for source in sources))
    written = [(index, source.write) for index, source in enumerate(sources) if source.write]

    def row(value: Any) -> tuple[Any, ...]:
        values = list(get(value))
        for index, write in written:
            values[index] = write(values[index])
        return tuple(values)

    return row


def _nullable(form: _Form) -> _Form:
    read = form.read
    return _Form(
        tuple(each._replace(nullable=True) for each in form.columns),
        tuple(map(_nullable_source, form.sources)),
        read and (lambda first, *rest: None if first is None else read(first, *rest)),
    )


def _nullable_source(source: _Source) -> _Source:
    path, write = source
    if not path:
        return _Source(write=write and (lambda value: None if value is None else write(value)))
    get = attrgetter(path.removeprefix("."))
    if write is None:
        return _Source(write=lambda value: None if value is None else get(value))
    return _Source(write=lambda value: None if value is None else write(get(value)))


def _enumeration(kind: type[Enum]) -> _Form:
    members = {member.value: member for member in kind}
    if all(isinstance(value, int) for value in members):

        def read(value: int) -> Any:
            return members[value] if value in members else kind(value)  # the contract's are open

        return _Form((Column("", "integer"),), (_Source(write=int),), read)
    return _Form((Column("", "text"),), (_Source(write=attrgetter("value")),), kind)


def _nested(kind: type[Any]) -> _Form:
    hints = get_type_hints(kind, include_extras=True)
    parts = [(each.name, _form(hints[each.name])) for each in fields(kind)]
    columns = [each._replace(name=f"_{name}{each.name}") for name, form in parts for each in form.columns]
    sources = [each._replace(path=f".{name}{each.path}") for name, form in parts for each in form.sources]
    # The same few of them are met again and again.
    read = lru_cache(maxsize=_DISTINCT)(partial(_read_parts, kind, [form for _, form in parts]))
    return _Form(tuple(columns), tuple(sources), read)


def _collection(origin: Callable[[Iterable[Any]], Any], item: Any) -> _Form:
    """Return how a tuple or a set is kept: as JSON of the columns of its items."""
    is_record = isinstance(item, type) and is_dataclass(item)
    form = _nested(item) if is_record else _form(item)
    nothing = origin(())
    write = _row_maker(form.sources) if is_record else form.sources[0].write

    def read_all(text: str) -> Any:
        if text == _NO_ITEMS:
            return nothing
        items = orjson.loads(text)
        if form.read is None:
            return origin(items)
        return origin(starmap(form.read, items) if is_record else map(form.read, items))

    def write_all(values: Any) -> str:
        if not values:
            return _NO_ITEMS
        items = list(map(write, values) if write else values)
        return orjson.dumps(items if origin is tuple else sorted(items)).decode()

    return _Form((Column("", "text"),), (_Source(write=write_all),), read_all)


def _read_parts(kind: type[Any], forms: Iterable[_Form], *values: Any) -> Any:
    arguments, first = [], 0
    for form in forms:
        part = values[first : first + len(form.columns)]
        arguments.append(part[0] if form.read is None else form.read(*part))
        first += len(form.columns)
    names = [each.name for each in fields(kind)]
    return kind(**dict(zip(names, arguments, strict=True)))
