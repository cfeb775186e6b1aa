"""Write the typed methods of triptych_client for the published services; --check fails if they differ."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, "gen/python")

from protobuf import DescMethod, DescService
from protobuf.plugin import get_comments
from protobuf.wkt import FileDescriptorSet

from tools.client_fields import Argument, arguments, described, module_of, parameters, values
from tools.client_templates import (
    CLASS,
    METHOD,
    METHOD_INFO,
    MODULE,
    PAGES,
    PAGING,
    SERVICES_CLASS,
    SERVICES_MODULE,
)
from triptych.services import PUBLISHED

BIN = Path(sys.executable).parent
FOLDER = Path("client/triptych_client/_generated")
# The generated modules have no comments; the image has.
COMMENTED = FileDescriptorSet.from_binary(Path("gen/triptych.binpb").read_bytes()).to_registry()
SERVICES = tuple(service.desc for service in PUBLISHED)


@dataclass(frozen=True)
class Listing:
    """What is in the pages of an rpc."""

    field: str
    item: type
    nested: bool


def main() -> None:
    """Write the modules, or compare them."""
    check = "--check" in sys.argv[1:]
    texts = {FOLDER / f"{snake(service.name)}.py": formatted(module(service)) for service in SERVICES}
    texts[FOLDER / "services.py"] = formatted(services_module())
    if not check:
        for path, text in texts.items():
            path.write_text(text)
        return
    differing = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    if differing:
        sys.exit("not what proto/ gives, run `make generate`:\n" + "\n".join(map(str, differing)))


def services_module() -> str:
    """Return the text of the module that brings all services together."""
    modules = "\n".join(
        f"from triptych_client._generated.{snake(service.name)} import Async{service.name}, {service.name}"
        for service in SERVICES
    )
    text = SERVICES_MODULE.format(imports=modules)
    attributes = "\n".join(f"        {plural(each)}: {each.type_name}." for each in SERVICES)
    for prefix in ("", "Async"):
        made = "\n".join(f"        self.{plural(each)} = {prefix}{each.name}(calls)" for each in SERVICES)
        text += SERVICES_CLASS.format(prefix=prefix, attributes=attributes, assignments=made)
    return text


def plural(service: DescService) -> str:
    """Return what a client calls a service: `documents` for DocumentService."""
    name = snake(service.name.removesuffix("Service"))
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"


def module(service: DescService) -> str:
    """Return the text of the module for a service."""
    package = service.file.proto.package
    parts = [MODULE.format(service=service.name, package=package, imports="\n".join(imports(service)))]
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
    fields = fields_of(method)
    empty = not fields or listing is not None
    either = "An argument is of another type"
    text = METHOD.format(
        **names(method),
        **texts_of(fields),
        empty=empty,
        type_error=f"{either}." if empty else f"{either}, or there is none.",
        async_="async " if prefix else "",
        await_="await " if prefix else "",
        comment=docstring(method),
    )
    if listing is None:
        return text
    return text + PAGES.format(
        **{**names(method), "snake": snake(method.name).removeprefix("list_")},
        **texts_of([each for each in fields if each.name != "page_size"]),
        prefix=prefix,
        suffix="_async" if prefix else "",
        item=listing.item.__name__,
        paging=f"{constant(method)}_PAGES",
    )


def fields_of(method: DescMethod) -> list[Argument]:
    """Return the arguments for the fields of an rpc's request."""
    return arguments(method.input, COMMENTED.message(method.input.type_name))


def texts_of(fields: list[Argument]) -> dict[str, str]:
    """Return what the templates say of arguments."""
    return {"parameters": parameters(fields), "arguments": described(fields), "values": values(fields)}


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
        fields = [kind for each in fields_of(method) for kind in each.types]
        for type in (method.input.type, method.output.type, *fields, *([listing.item] if listing else [])):
            # A message within another is named by way of that.
            modules.setdefault(module_of(type), set()).add(type.__qualname__.partition(".")[0])
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
    """Return the comment of an rpc as the beginning of a docstring."""
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
    return textwrap.indent("\n".join(lines), " " * 8).strip()


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


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def constant(method: DescMethod) -> str:
    return snake(method.name).upper()


if __name__ == "__main__":
    main()
