"""The pages: plain HTML without scripts, which loads nothing, and the same in JSON."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final

from triptych.errors import RpcError

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25 }
code { font-size: .9em }
"""
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
).encode()
"""What lets a page show itself, and do nothing else."""

_ABOUT: Final = (
    "This is a server of Triptych: users, projects and documents over gRPC, gRPC-Web, Connect and REST."
)


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown.

    Attributes:
        title: The heading.
        paragraphs: What follows it, as HTML.
        links: Where else to look, by what that is called; relative to this page.
        members: What a program is told.
    """

    title: str
    paragraphs: tuple[str, ...]
    links: Mapping[str, str]
    members: Mapping[str, object] = field(default_factory=dict)

    def html(self) -> bytes:
        """Return the page for a person."""
        title = escape(self.title)
        paragraphs = "".join(f"<p>{each}</p>\n" for each in self.paragraphs)
        links = "".join(
            f'<li><a href="{escape(to)}">{escape(name)}</a></li>\n' for name, to in self.links.items()
        )
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1><bdi>{title}</bdi></h1>\n{paragraphs}<ul>\n{links}</ul>\n</body>\n</html>\n"
        ).encode()

    def json(self) -> bytes:
        """Return the page for a program."""
        return json.dumps(self.members).encode()


def home_page(links: Mapping[str, str], services: Sequence[str]) -> Page:
    """Return the page of the server."""
    how = "Calls need a token, as the header <code>Authorization: Bearer &lt;token&gt;</code>."
    names = ", ".join(f"<code>{escape(each)}</code>" for each in services)
    served = f"It serves {names}. Server reflection describes them, unless it is off."
    members = {
        "name": "Triptych",
        "about": _ABOUT,
        "services": list(services),
        "links": {name: f"/{to}" for name, to in links.items()},
    }
    return Page("Triptych", (escape(_ABOUT), how, served), links, members)


def document_page(id: str, title: str, links: Mapping[str, str]) -> Page:
    """Return the page of a document that everybody may see."""
    path = f"/v1beta/documents/{id}"
    text = f"This document is public. <code>GET {escape(path)}</code> returns more of it, with a token."
    return Page(title, (text,), _from_below(links), {"id": id, "title": title, "api": path})


def error_page(status: int, error: RpcError, links: Mapping[str, str]) -> Page:
    """Return the page that tells what is wrong.

    Args:
        status: The status of HTTP.
        error: What is wrong.
        links: As for `home_page`.
    """
    members = {"code": error.code.name.lower(), "message": error.message}
    return Page(HTTPStatus(status).phrase, (escape(error.message),), _from_below(links), members)


def _from_below(links: Mapping[str, str]) -> dict[str, str]:
    """Return links for pages in a folder below `/`; they hold behind a proxy that adds a prefix, too."""
    return {"About this server": "../", **{name: f"../{to}" for name, to in links.items()}}
