"""What a server says when it has started: where it listens, and a call to copy for each protocol."""

from __future__ import annotations

from pathlib import Path

import triptych_api
from triptych.app.first_start import FirstStart
from triptych.config import Settings, url_host

_CALL = "gitpod.v1.UserService/GetAuthenticatedUser"


def banner(settings: Settings, store: str, http_port: int, grpc_port: int, first: FirstStart) -> str:
    """Return the text, given the name of the store."""
    scheme = "http" if settings.tls_cert is None else "https"
    http = f"{scheme}://{url_host(settings.http_host)}:{http_port}"
    grpc_host = settings.http_host if settings.one_port else settings.grpc_host
    grpc = f"{scheme}://{url_host(grpc_host)}:{grpc_port}"
    clear = " --http2-prior-knowledge" if scheme == "http" else ""
    token = first.new_secret or ("anything" if settings.dev else "$TRIPTYCH_TOKEN")
    header = (
        f"-H 'Authorization: Bearer {token}'"
        if first.new_secret or settings.dev
        else (f'-H "Authorization: Bearer {token}"')
    )
    lines = [
        f"REST, Connect, gRPC-Web and gRPC on {http}"
        if settings.one_port
        else f"REST, Connect and gRPC-Web on {http}, gRPC on {grpc.partition('://')[2]}",
        _kept(store),
    ]
    if first.new_secret:
        lines.append(f"Token of {first.administrator}, shown only now: {first.new_secret}")
    if settings.dev:
        lines.append(f"Developer mode: any bearer token is {first.administrator}.")
    schema = f"--schema {_descriptor_set()}"
    lines += [
        "",
        "One call over each protocol (buf: pip install buf-bin):",
        f"  curl {http}/v1beta/documents {header}",
        f"  curl {http}/{_CALL} {header} -H 'Content-Type: application/json' -d '{{}}'",
        f"  buf curl --protocol grpc{clear} {schema} {header} -d '{{}}' {grpc}/{_CALL}",
        f"  buf curl --protocol grpcweb {schema} {header} -d '{{}}' {http}/{_CALL}",
    ]
    return "\n".join(lines)


def _kept(store: str) -> str:
    if store == "memory":
        return "The state lives in memory: it is gone when this process ends."
    return f"The state is kept in {store}."


def _descriptor_set() -> Path:
    """Return the descriptor set: inside the package when it is installed, in gen/ in a checkout."""
    package = Path(triptych_api.__file__).parent
    installed = package / "triptych.binpb"
    return installed if installed.exists() else package.parents[1] / "triptych.binpb"
