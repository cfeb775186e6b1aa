"""Sets of descriptors: which files they hold, and what a generator of clients needs of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from protobuf.wkt import FileDescriptorProto, FileDescriptorSet

ERROR_FILES: Final = tuple(f"google/rpc/{name}.proto" for name in ("status", "code", "error_details"))
"""What errors hold, and so clients need, although no service imports it."""

_ELSEWHERE: Final = ("google/", "buf/")
# buf marks the imports of an image with its field 8042 of a file: {is_import: true}. Others skip it.
_MARK: Final = b"\xd2\xf6\x03\x02\x08\x01"


def files_of(encoded: bytes) -> list[FileDescriptorProto]:
    """Return the files of a set.

    Raises:
        ValueError: It is none.
    """
    return list(FileDescriptorSet.from_binary(encoded).file)


def descriptor_set(files: Iterable[FileDescriptorProto]) -> bytes:
    """Write a set: imports come before what imports them, and those that others publish are marked so.

    buf generates nothing for files that are marked; protoc is told the names of files anyway.
    """
    known = {file.name: _unmarked(file) for file in files}
    ordered = [known[name] for name in _reached(known, known)]
    encoded = FileDescriptorSet(
        file=[
            FileDescriptorProto.from_binary(file.to_binary() + _MARK)
            if file.name.startswith(_ELSEWHERE)
            else file
            for file in ordered
        ]
    )
    return encoded.to_binary()


def for_clients(files: Iterable[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """Return what clients need: the files of services, what these import, and those of errors.

    Left out are options that only servers read, as rules and HTTP paths, and the files that define these.
    """
    known = {file.name: file for file in files}
    options = {file.name for file in known.values() if any(_extends_options(each) for each in file.extension)}
    roots = [file.name for file in known.values() if file.service]
    needed = _reached(known, [*roots, *(name for name in ERROR_FILES if name in known)], options)
    return [_plain(known[name], options) for name in needed]


def below(folder: str, files: Iterable[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """Return the files with the names that they have when those that are this contract's own are in a folder.

    Generators whose packages come from the names of files, as those of Python, then put all into one package
    that has a name of its own. The names of messages and services stay.

    Args:
        folder: A relative path, as `contract` or `my/contract`.
        files: What to rename; `google/` and `buf/` stay, as released packages have these.
    """
    moved = [FileDescriptorProto.from_binary(file.to_binary()) for file in files]
    for file in moved:
        file.name = _moved(folder, file.name)
        file.dependency[:] = [_moved(folder, name) for name in file.dependency]
    return moved


def _moved(folder: str, name: str) -> str:
    return name if name.startswith(_ELSEWHERE) else f"{folder}/{name}"


def _reached(
    known: Mapping[str, FileDescriptorProto], roots: Iterable[str], leave: Iterable[str] = ()
) -> Iterator[str]:
    """Yield the files that can be reached from others, each once, after all that it imports."""
    done = set(leave)
    stack = [(name, False) for name in reversed(list(roots))]
    while stack:
        name, ready = stack.pop()
        if ready:
            yield name
        elif name not in done and name in known:
            done.add(name)
            stack.append((name, True))
            stack += [(each, False) for each in reversed(known[name].dependency)]


def _extends_options(extension: object) -> bool:
    extendee = getattr(extension, "extendee", "")
    return extendee.startswith(".google.protobuf.") and extendee.endswith("Options")


def _plain(file: FileDescriptorProto, options: set[str]) -> FileDescriptorProto:
    """Return a file without the options that others define, nor the imports of those."""
    plain = FileDescriptorProto.from_binary(file.to_binary(), ignore_unknown_fields=True)
    kept = [name for name in file.dependency if name not in options]
    public = [file.dependency[index] for index in file.public_dependency]
    plain.dependency[:] = kept
    plain.public_dependency[:] = [kept.index(name) for name in public if name in kept]
    plain.weak_dependency[:] = []
    return plain


def _unmarked(file: FileDescriptorProto) -> FileDescriptorProto:
    encoded = file.to_binary()
    return FileDescriptorProto.from_binary(encoded.removesuffix(_MARK)) if encoded.endswith(_MARK) else file
