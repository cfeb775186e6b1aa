"""Errors as REST shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from protobuf import Registry
from protobuf.wkt import Any as AnyMessage
from protobuf.wkt import Duration

from triptych.errors import Code, Reason, RpcError, Violation, invalid_argument, not_found
from triptych.transport.errors import DOCUMENTS_STATUSES, STATUSES, details_of, flat_body, status_body
from triptych.transport.rest.http_router import unknown_path, unknown_verb
from triptych_api.google.rpc import error_details_pb

REASONS = """
    missing_required_field invalid_field_value invalid_enum_value invalid_cursor invalid_id_format
    missing_api_key invalid_api_key expired_api_key invalid_token expired_token authentication_required
    insufficient_permissions resource_not_found resource_already_exists rate_limit_exceeded quota_exceeded
    precondition_failed feature_disabled internal_error service_unavailable unimplemented
"""


def body(error: RpcError) -> Any:
    return json.loads(flat_body(error, "req_1"))


@pytest.mark.parametrize(
    ("code", "status", "name", "reason"),
    [
        (Code.CANCELED, 499, "canceled", "internal_error"),
        (Code.UNKNOWN, 500, "unknown", "internal_error"),
        (Code.INVALID_ARGUMENT, 400, "invalid_argument", "invalid_field_value"),
        (Code.DEADLINE_EXCEEDED, 408, "deadline_exceeded", "service_unavailable"),
        (Code.NOT_FOUND, 404, "not_found", "resource_not_found"),
        (Code.ALREADY_EXISTS, 409, "already_exists", "resource_already_exists"),
        (Code.PERMISSION_DENIED, 403, "permission_denied", "insufficient_permissions"),
        (Code.RESOURCE_EXHAUSTED, 429, "resource_exhausted", "quota_exceeded"),
        (Code.FAILED_PRECONDITION, 400, "failed_precondition", "precondition_failed"),
        (Code.ABORTED, 409, "aborted", "precondition_failed"),
        (Code.OUT_OF_RANGE, 400, "invalid_argument", "invalid_field_value"),
        (Code.UNIMPLEMENTED, 501, "unimplemented", "unimplemented"),
        (Code.INTERNAL, 500, "internal", "internal_error"),
        (Code.UNAVAILABLE, 503, "unavailable", "service_unavailable"),
        (Code.DATA_LOSS, 500, "internal", "internal_error"),
        (Code.UNAUTHENTICATED, 401, "unauthenticated", "invalid_api_key"),
    ],
)
def test_every_code(code: Code, status: int, name: str, reason: str) -> None:
    assert DOCUMENTS_STATUSES[code] == status
    assert body(RpcError(code, "ü\n")) == {
        "code": name,
        "message": "ü\n",
        "details": [{"reason": reason, "request_id": "req_1"}],
    }
    assert body(RpcError(code, ""))["message"]


def test_no_code_is_left_out() -> None:
    assert STATUSES.keys() == DOCUMENTS_STATUSES.keys() == set(Code) - {Code.OK}


def test_only_documents_time_out_with_408() -> None:
    assert DOCUMENTS_STATUSES.items() - STATUSES.items() == {(Code.DEADLINE_EXCEEDED, 408)}
    assert STATUSES[Code.DEADLINE_EXCEEDED] == 504


def test_there_is_a_detail_for_each_violation() -> None:
    error = invalid_argument(
        Violation("created.after", "is wrong"),
        Violation("title", "is missing", Reason.MISSING_REQUIRED_FIELD),
        Violation("", "is odd"),
    )
    assert body(error) == {
        "code": "invalid_argument",
        "message": "created.after: is wrong; title: is missing; is odd",
        "details": [
            {"reason": "invalid_field_value", "param": "created.after", "request_id": "req_1"},
            {"reason": "missing_required_field", "param": "title", "request_id": "req_1"},
            {"reason": "invalid_field_value", "request_id": "req_1"},
        ],
    }


def test_reasons_are_those_that_clients_know() -> None:
    ours = {value.lower() for name, value in vars(Reason).items() if name.isupper()}
    assert ours <= set(REASONS.split())
    assert body(not_found("document", "doc_1"))["details"][0]["reason"] == "resource_not_found"


def test_unknown_paths_and_verbs() -> None:
    assert STATUSES[unknown_path().code] == 404
    assert body(unknown_verb(("GET", "HEAD")))["code"] == "unimplemented"
    assert unknown_verb(("GET", "HEAD")).message == "this path allows GET, HEAD only"


def test_a_status_as_json() -> None:
    """Google's own runtime reads what is written."""
    error = invalid_argument(Violation("title", "is missing", Reason.MISSING_REQUIRED_FIELD))
    registry = Registry(error_details_pb.desc())
    status = json_format.Parse(status_body(error, details_of(error, "req_1"), registry), status_pb2.Status())
    assert (status.code, status.message) == (3, "title: is missing")
    bad_request, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(bad_request)
    assert status.details[1].Unpack(info)
    assert [each.field for each in bad_request.field_violations] == ["title"]
    assert (info.reason, info.domain, info.metadata["request_id"]) == (
        "MISSING_REQUIRED_FIELD",
        "triptych",
        "req_1",
    )


def test_details_that_cannot_be_printed_are_left_out() -> None:
    unknown = AnyMessage(type_url="type.googleapis.com/no.such.Type", value=b"\x08\x01")
    error = RpcError(Code.ABORTED, "", details=[unknown, Duration(seconds=1)])
    written = status_body(error, details_of(error, "req_1"), Registry(Duration.desc().file))
    assert json.loads(written) == {
        "code": 10,
        "message": "",
        "details": [{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}],
    }
    assert json.loads(status_body(error, (), None))["details"] == []


def test_details_that_are_not_wanted_are_not_there() -> None:
    error = RpcError(Code.INTERNAL, "odd")
    assert not details_of(error, "req_1", standard=False)
