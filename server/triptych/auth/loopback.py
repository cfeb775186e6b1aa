"""Developer mode: pages of elsewhere that reach this machine through a browser on it are refused.

Any token is an administrator there, so that nothing else would keep them out: a page can send requests to
loopback addresses, and read the answers too once the name of its own host leads to one (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Callable

from triptych.config import host_in, is_loopback_name
from triptych.errors import RpcError, permission_denied
from triptych.rpc.call import Call
from triptych.rpc.headers import Headers
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Exchange, Handler


class LoopbackOnly:
    """The interceptor that refuses calls for other hosts, and those from pages of other origins.

    Browsers name both in their requests. grpcio keeps `:authority`, which is the host on its port, to itself;
    but no page of elsewhere can speak to that: browsers speak HTTP/2 over TLS only, and to a host that the
    certificate names.

    Args:
        public_url: Where clients reach the server beside this machine's own names.
        allows: Tells whether pages of an origin may call.
    """

    def __init__(self, public_url: str | None, allows: Callable[[str], bool]) -> None:
        self._public_host = host_in(public_url or "")
        self._public_origin = _origin(public_url or "")
        self._allows = allows

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method."""

        async def refuse_foreign(call: Call, exchange: Exchange) -> None:
            refusal = self.refusal(call.headers)
            if refusal is not None:
                raise refusal
            await proceed(call, exchange)

        return refuse_foreign

    def refusal(self, headers: Headers) -> RpcError | None:
        """Return what a request is refused with; None if it comes from where it may."""
        host = headers.get("host")
        if host is not None and not self._is_own(host_in(f"//{host}")):
            return permission_denied(
                f"host {host[:100]!r} is not this machine: --dev takes calls for loopback names and that of "
                "--public-url only"
            )
        origin = headers.get("origin")
        if origin is not None and not self._allows(origin) and origin.lower() != self._public_origin:
            return permission_denied(
                f"pages of {origin[:100]!r} may not call: --dev takes calls from pages of this machine, of "
                "--public-url and of --cors-origin only"
            )
        return None

    def _is_own(self, host: str) -> bool:
        return is_loopback_name(host) or (bool(host) and host == self._public_host)


def _origin(url: str) -> str:
    """Return the origin of pages of a URL, as browsers send it: without the port that its scheme has."""
    scheme, _, rest = url.lower().partition("://")
    authority = rest.partition("/")[0]
    return f"{scheme}://{authority.removesuffix({'http': ':80', 'https': ':443'}.get(scheme, ':'))}"
