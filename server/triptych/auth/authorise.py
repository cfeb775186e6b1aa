"""What a token allows, whatever the request says."""

from __future__ import annotations

from protobuf import Message

from triptych.errors import permission_denied
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Check


def authorise(method: Method) -> Check | None:
    """Return the check that refuses a read-only token where something would change.

    The store refuses the write as well; this keeps the request from being looked at.
    """
    return _refuse_read_only if method.needs_token and not method.no_side_effects else None


def _refuse_read_only(call: Call, request: Message) -> None:
    if call.caller.read_only:
        raise permission_denied("the access token is read-only")
