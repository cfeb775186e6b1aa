"""Two checks in place of Schemathesis's own, which know what JSON Schema cannot say."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import schemathesis
from google.protobuf.json_format import ParseDict, ParseError
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from support.generated import DESCRIPTOR_SET, Contract

_CONTRACT: Final = Contract(DESCRIPTOR_SET.read_bytes())
_NOBODYS: Final = "01970000-0000-7000-8000-00000000dead"
# Why a request that the schemas allow is refused all the same, as the server says it.
_UNSAID: Final = (
    "is not a token of this list",  # a page token is the server's own
    "stand for 128 bits",  # the published pattern of ids is wider than ids are
    "is in the trash",  # a state
    "payload: (is|must be) ",  # a file has one of five formats, and is not empty
    "after must not be later than before",  # two fields together
    "sort.field: must be id or popularity",  # which fields there are depends on the rpc
    "must be from (300s to 7200s|0s to 7776000s)",  # the range of a duration
    "(environment class|executor) .* does not exist",  # stored data
    "must be a relative path",  # a rule in CEL
)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Keep a call from deleting the token that the next ones are made with."""
    if isinstance(case.body, dict) and "personalAccessTokenId" in case.body and "Delete" in case.path:
        case.body = {**case.body, "personalAccessTokenId": _NOBODYS}


@schemathesis.check
def valid_requests_are_accepted(ctx: Any, response: Any, case: Any) -> bool | None:
    """Check as positive_data_acceptance does, but for what schemas do not say."""
    if response.status_code == 400:
        message = json.loads(response.content)["message"]
        if any(re.search(each, message) for each in _UNSAID):
            return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.check
def wrong_requests_are_refused(ctx: Any, response: Any, case: Any) -> bool | None:
    """Check as negative_data_rejection does, but for what is right ProtoJSON to Google's own runtime.

    Enums may be numbers there, and numbers texts, which the schemas do not offer.
    """
    is_form = case.media_type == "multipart/form-data" and isinstance(case.body, dict)
    if response.status_code == 200 and is_form and not all(isinstance(v, str) for v in case.body.values()):
        return None  # in a form, a number is a text like any other
    if response.status_code == 200 and isinstance(case.body, dict) and "." in case.path:
        try:
            ParseDict(case.body, _CONTRACT.request(case.path.rpartition("/")[2]), ignore_unknown_fields=True)
        except ParseError:
            return negative_data_rejection(ctx, response, case)
        except LookupError:  # health is not in the contract; its one field is a text
            return None
        return None
    return negative_data_rejection(ctx, response, case)
