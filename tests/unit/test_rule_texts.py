"""What is told of a request that breaks rules, and what it costs."""

from __future__ import annotations

import pytest
from protobuf import Message, Oneof

from triptych.errors import Reason, RpcError, Violation, invalid_argument
from triptych.rpc.validation import RequestValidator
from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.factify.api.v1beta.document_service_pb import (
    CreateDocumentRequest,
    GetDocumentRequest,
    ListDocumentsRequest,
)
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer, GitInitializer
from triptych_api.gitpod.v1.project_pb import EditorVersions, RecommendedEditors
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectRequest,
    CreateProjectsRequest,
    DeleteProjectsRequest,
    ListProjectsRequest,
    UpdateProjectRequest,
)

VALIDATOR = RequestValidator()
UUID = "01970000-0000-7000-8000-000000000063"
A_UUID = f"must be a UUID such as {UUID}"
NUL = "must not hold the character NUL (U+0000)"
SORTS = "created_at, -created_at, updated_at, -updated_at, name, -name, last_viewed_at, -last_viewed_at"
LEVELS = "ACCESS_LEVEL_PRIVATE, ACCESS_LEVEL_ORGANIZATION, ACCESS_LEVEL_PUBLIC"
Spec = EnvironmentInitializer.Spec
Filter = ListProjectsRequest.Filter


def refused(message: Message) -> RpcError:
    with pytest.raises(RpcError) as caught:
        VALIDATOR.check(message)
    return caught.value


def editors(**versions: list[str]) -> UpdateProjectRequest:
    given = {name: EditorVersions(versions=each) for name, each in versions.items()}
    return UpdateProjectRequest(project_id=UUID, recommended_editors=RecommendedEditors(editors=given))


@pytest.mark.parametrize(
    ("message", "field", "text"),
    [
        (
            ListDocumentsRequest(sort="x"),
            "sort",
            f"must be one of {SORTS}, last_shared_at, -last_shared_at",
        ),
        (
            ListDocumentsRequest(source_format=["x"]),
            "source_format[0]",
            "must be one of pdf, docx, xlsx, csv, markdown",
        ),
        (
            ListDocumentsRequest(access_level=[AccessLevel.UNSPECIFIED]),
            "access_level[0]",
            f"must be one of {LEVELS}",
        ),
        (ListDocumentsRequest(page_size=0), "page_size", "must be from 1 to 100"),
        (ListDocumentsRequest(query="\0"), "query", NUL),
        (ListDocumentsRequest(query="x" * 256), "query", "must be at most 255 characters"),
        (ListDocumentsRequest(access_level=[AccessLevel.PUBLIC] * 101), "access_level",
            "must have at most 100 items, not 101"),
        (ListDocumentsRequest(created_by_id=["x"]), "created_by_id[0]",
            "must be the id of a user or bot such as user_01jw000000e00800000000001h"),
        (GetDocumentRequest(document_id="x"), "document_id",
            "must be the id of a document such as doc_01jw000000e00800000000001h"),
        (CreateDocumentRequest(title="x", version_id="x"), "version_id", "must be empty"),
        (CreateDocumentRequest(), "title", "must not be empty"),
        (ListProjectsRequest(filter=Filter(project_ids=["x"])), "filter.project_ids[0]", A_UUID),
        (ListProjectsRequest(filter=Filter(spec_remote_uris=["x"])), "filter.spec_remote_uris[0]",
            "must be an absolute URI such as https://example.org/compiler.git"),
        (DeleteProjectsRequest(), "project_ids", "must have at least 1 item"),
        (CreateProjectRequest(name="x"), "initializer", "value is required"),
        (CreateProjectRequest(name="x", initializer=EnvironmentInitializer(specs=[Spec()])),
            "initializer.specs[0].spec", "one of the fields git, context_url is required"),
        (editors(goland=["a\0"]), 'recommended_editors.editors["goland"].versions[0]', NUL),
        (editors(goland=["a"] * 26), 'recommended_editors.editors["goland"].versions',
            "must have at most 25 items, not 26"),
        (editors(**{"x" * 5000: []}), f'recommended_editors.editors["{"x" * 57}..."]',
            "the key must be at most 64 characters"),
    ],
)  # fmt: skip
def test_what_is_expected_is_told_in_words(message: Message, field: str, text: str) -> None:
    [violation] = refused(message).violations
    assert (violation.field, violation.description) == (field, text)


def test_a_list_that_is_too_long_is_refused_before_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    too_long = ListProjectsRequest(filter=Filter(project_ids=["x"] * 49_000))
    looked: list[Message] = []

    class Engine:
        def collect_violations(self, message: Message, *, fail_fast: bool = False) -> list[object]:
            looked.append(message)
            return []

    validator = RequestValidator()
    monkeypatch.setattr(validator, "_validator", Engine())
    with pytest.raises(RpcError) as caught:
        validator.check(too_long)
    assert str(caught.value) == "filter.project_ids: must have at most 25 items, not 49000"
    assert not looked
    validator.check(ListProjectsRequest())
    assert len(looked) == 1


def test_items_that_are_checked_one_by_one_are_counted_only() -> None:
    specs = [Spec(spec=Oneof("git", GitInitializer()))] * 21
    item = CreateProjectRequest(name="x", initializer=EnvironmentInitializer(specs=specs))
    VALIDATOR.check(CreateProjectsRequest(projects=[item] * 100))
    assert str(refused(item)) == "initializer.specs: must have at most 20 items, not 21"
    assert "at most 100 items" in str(refused(CreateProjectsRequest(projects=[item] * 101)))


def test_no_more_is_collected_than_is_told() -> None:
    few = ListProjectsRequest(filter=Filter(project_ids=["x"] * 25))
    assert len(refused(few).violations) == 20
    many = editors(**{f"editor-{index}": ["\0"] * 25 for index in range(25)})
    assert len(refused(many).violations) == 1


def test_an_error_fits_into_trailers() -> None:
    """A client takes 8 KiB: `grpc-message`, and the details in base64, which hold the message once more."""
    for character in "x", "é", "中":
        violations = [Violation(character * 60, character * 100)] * 30
        error = invalid_argument(*violations)
        details = sum(len(str(each).encode()) + 40 for each in error.violations) + len(error.message.encode())
        written = sum(1 if each.isascii() else 3 * len(each.encode()) for each in error.message)
        assert written + details * 4 // 3 < 7500
        assert error.violations


def test_the_first_violation_is_always_told() -> None:
    error = invalid_argument(Violation("x", "y" * 9000), Violation("z", "z"))
    assert len(error.violations) == 1
    assert error.message.endswith("; and 1 more")


def test_a_page_token_that_is_too_long_is_a_bad_cursor() -> None:
    [violation] = refused(ListDocumentsRequest(page_token="x" * 8193)).violations
    assert violation.reason == Reason.INVALID_CURSOR
