"""Write gen/openapi/: the OpenAPI documents of what a server serves by default; --check only compares."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, "gen/python")

import orjson

from triptych.openapi.document import connect_document, rest_document
from triptych.services import listed

FOLDER = Path("gen/openapi")


def main() -> None:
    """Write both, or compare them with what is there."""
    services = listed()
    for name, document in (("rest", rest_document(services)), ("connect", connect_document(services))):
        path = FOLDER / f"{name}.json"
        text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if "--check" not in sys.argv:
            FOLDER.mkdir(exist_ok=True)
            path.write_bytes(text)
        elif not path.exists() or path.read_bytes() != text:
            sys.exit(f"{path} is not what proto/ gives, run `make generate`")


if __name__ == "__main__":
    main()
