"""What a token allows, whatever the request says."""

from __future__ import annotations

from protobuf import Message

from triptych.errors import permission_denied
from triptych.rpc.call import Call


def authorise(call: Call, request: Message) -> None:
    """Refuse a read-only token where something would change.

    The store refuses the write as well; this keeps the request from being looked at.

    Raises:
        RpcError: PERMISSION_DENIED.
    """
    method = call.method
    if method.needs_token and not method.no_side_effects and call.caller.read_only:
        raise permission_denied("the access token is read-only")
