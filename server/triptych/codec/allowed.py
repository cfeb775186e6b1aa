"""Which values an enum has to offer, for texts that refuse another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from protobuf import DescEnum


def allowed_names(enum: DescEnum, spellings: Mapping[str | int, int] | None = None) -> Iterable[str]:
    """List the names of an enum's values, each once, without the one that means that none is given.

    Args:
        enum: The enum.
        spellings: What its values may be written as, if not by their names as declared: names, and numbers,
            which are left out.
    """
    if spellings is None:
        spellings = {value.name: value.number for value in enum.values}
    names: dict[int, str] = {}
    for spelling, number in spellings.items():
        if isinstance(spelling, str):
            names.setdefault(number, spelling)
    zero = next((value.name for value in enum.values if value.number == 0), "")
    if len(names) > 1 and zero.endswith("_UNSPECIFIED"):
        names.pop(0, None)
    return names.values()
