"""Write the typed methods of triptych_client from the descriptors; --check fails if they differ."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, "gen/python")

from protobuf import DescFile, DescMethod, DescService
from protobuf.plugin import get_comments
from protobuf.wkt import FileDescriptorSet

from triptych_api.factify.api.v1beta import document_service_pb
from triptych_api.gitpod.v1 import project_service_pb, user_service_pb

BIN = Path(sys.executable).parent
FOLDER = Path("client/triptych_client/_generated")
# The generated modules have no comments; the image has.
COMMENTED = FileDescriptorSet.from_binary(Path("gen/triptych.binpb").read_bytes()).to_registry()
FILES = (user_service_pb.desc(), project_service_pb.desc(), document_service_pb.desc())

MODULE = '''"""{service} of {package}. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType

{imports}
from triptych_client.calls import AsyncCalls, Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async

'''

METHOD_INFO = """{constant}: Final = MethodInfo(
    name="{name}",
    service_name="{service}",
    input={input},
    output={output},
    idempotency_level=IdempotencyLevel.{idempotency},
    stream_type=StreamType.UNARY,
)
"""

PAGING = """{constant}: Final = Paging[{input}, {output}, {item}](
    items=lambda page: page.{field}, nested={nested}
)
"""

CLASS = '''

class {prefix}{service}:
    """{summary}"""

    def __init__(self, calls: {prefix}Calls) -> None:
        self._calls = calls
'''

METHOD = '''
    {async_}def {snake}(
        self, request: {input}{default}, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> {output}:
        """{comment}"""
        return {await_}self._calls.unary({constant}, {request}, timeout=timeout, headers=headers)
'''

PAGES = '''
    def iter_{snake}(
        self,
        request: {input} | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> {prefix}Iterator[{item}]:
        """Yield what {name} lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate{suffix}(
            {paging},
            lambda page: self.list_{snake}(page, timeout=timeout, headers=headers),
            {input}() if request is None else request,
            page_size,
        )
'''


@dataclass(frozen=True)
class Listing:
    """What is in the pages of an rpc."""

    field: str
    item: type
    nested: bool


def main() -> None:
    """Write the modules, or compare them."""
    check = "--check" in sys.argv[1:]
    texts = {FOLDER / f"{module_name(file)}.py": formatted(module(file)) for file in FILES}
    if not check:
        for path, text in texts.items():
            path.write_text(text)
        return
    differing = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    if differing:
        sys.exit("not what proto/ gives, run `make generate`:\n" + "\n".join(map(str, differing)))


def module(file: DescFile) -> str:
    """Return the text of the module for a file's service."""
    (service,) = file.services
    parts = [
        MODULE.format(service=service.name, package=file.proto.package, imports="\n".join(imports(service)))
    ]
    for method in service.methods:
        parts.append(METHOD_INFO.format(**names(method), service=service.type_name))
        if listing := listing_of(method):
            parts.append(
                PAGING.format(
                    **{**names(method), "constant": f"{constant(method)}_PAGES"}, **vars_of(listing)
                )
            )
    summary = first_line(service)
    for prefix in ("", "Async"):
        parts.append(CLASS.format(prefix=prefix, service=service.name, summary=summary))
        parts += [method_text(method, prefix) for method in service.methods]
    return "".join(parts)


def method_text(method: DescMethod, prefix: str) -> str:
    """Return an rpc's method, and its iterator if it lists."""
    listing = listing_of(method)
    empty = not method.input.fields or listing is not None
    text = METHOD.format(
        **names(method),
        default=" | None = None" if empty else "",
        request=f"{method.input.type.__name__}() if request is None else request" if empty else "request",
        async_="async " if prefix else "",
        await_="await " if prefix else "",
        comment=docstring(method),
    )
    if listing is None:
        return text
    return text + PAGES.format(
        **{**names(method), "snake": snake(method.name).removeprefix("list_")},
        prefix=prefix,
        suffix="_async" if prefix else "",
        item=listing.item.__name__,
        paging=f"{constant(method)}_PAGES",
    )


def listing_of(method: DescMethod) -> Listing | None:
    """Return what an rpc's pages hold; None if it does not list."""
    if not method.name.startswith("List"):
        return None
    (field,) = (f for f in method.output.fields if getattr(f.value, "element", None) is not None)
    nested = any(f.name == "pagination" for f in method.input.fields)
    return Listing(field.name, field.value.element.type, nested)


def imports(service: DescService) -> Iterator[str]:
    """Yield import lines for the messages that the service's methods name."""
    modules: dict[str, set[str]] = {}
    for method in service.methods:
        listing = listing_of(method)
        for type in (method.input.type, method.output.type, *([listing.item] if listing else [])):
            modules.setdefault(type.__module__, set()).add(type.__name__)
    for name in sorted(modules):
        yield f"from {name} import {', '.join(sorted(modules[name]))}"


def names(method: DescMethod) -> dict[str, str]:
    """Return what the templates say of an rpc."""
    return {
        "name": method.name,
        "snake": snake(method.name),
        "constant": constant(method),
        "input": method.input.type.__name__,
        "output": method.output.type.__name__,
        "idempotency": method.idempotency.name.removeprefix("IDEMPOTENCY_"),
    }


def vars_of(listing: Listing) -> dict[str, str]:
    """Return what the templates say of an rpc's pages."""
    return {"item": listing.item.__name__, "field": listing.field, "nested": str(listing.nested)}


def docstring(method: DescMethod) -> str:
    """Return the comment of an rpc as a docstring with the arguments that each method has."""
    service = COMMENTED.service(method.parent.type_name)
    (commented,) = (m for m in service.methods if m.name == method.name)
    text = get_comments(commented).leading.strip()
    summary, _, rest = text.partition("\n\n")
    first, _, more = " ".join(summary.split()).partition(". ")
    lines = [f"{first.removesuffix('.')}."]
    if more:
        lines += ["", *textwrap.wrap(more, 95)]
    if rest:
        lines += ["", *(line.strip() for line in rest.splitlines())]
    lines += [
        "",
        "Args:",
        "    request: What to ask.",
        "    timeout: The seconds that the call may take, retries included; else the client's default.",
        "    headers: More headers.",
        "",
        "Raises:",
        "    ApiError: The call failed; of the subclass that its code has.",
    ]
    return textwrap.indent("\n".join(lines), " " * 8).strip() + "\n        "


def first_line(service: DescService) -> str:
    return " ".join(
        get_comments(COMMENTED.service(service.type_name)).leading.strip().partition("\n\n")[0].split()
    )


def formatted(text: str) -> str:
    """Return the text as the formatter leaves it."""
    for command in (
        ["check", "--fix", "--quiet", "--exit-zero", "--select", "I,F401"],
        ["format", "--quiet"],
    ):
        ran = subprocess.run(
            [BIN / "ruff", *command, "--stdin-filename", FOLDER / "module.py", "-"],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        text = ran.stdout
    return text


def module_name(file: DescFile) -> str:
    return file.proto.name.rpartition("/")[2].removesuffix(".proto")


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def constant(method: DescMethod) -> str:
    return snake(method.name).upper()


if __name__ == "__main__":
    main()
