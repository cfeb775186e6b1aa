"""UserService of gitpod.v1. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf.wkt import Duration

from triptych_api.gitpod.v1.pagination_pb import PaginationRequest
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken
from triptych_api.gitpod.v1.user_service_pb import (
    CreatePersonalAccessTokenRequest,
    CreatePersonalAccessTokenResponse,
    DeletePersonalAccessTokenRequest,
    DeletePersonalAccessTokenResponse,
    GetAuthenticatedUserRequest,
    GetAuthenticatedUserResponse,
    GetPersonalAccessTokenRequest,
    GetPersonalAccessTokenResponse,
    GetUserRequest,
    GetUserResponse,
    ListPersonalAccessTokensRequest,
    ListPersonalAccessTokensResponse,
)
from triptych_client.async_calls import AsyncCalls
from triptych_client.calls import Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async
from triptych_client.request_fields import request_of

GET_AUTHENTICATED_USER: Final = MethodInfo(
    name="GetAuthenticatedUser",
    service_name="gitpod.v1.UserService",
    input=GetAuthenticatedUserRequest,
    output=GetAuthenticatedUserResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
GET_USER: Final = MethodInfo(
    name="GetUser",
    service_name="gitpod.v1.UserService",
    input=GetUserRequest,
    output=GetUserResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
CREATE_PERSONAL_ACCESS_TOKEN: Final = MethodInfo(
    name="CreatePersonalAccessToken",
    service_name="gitpod.v1.UserService",
    input=CreatePersonalAccessTokenRequest,
    output=CreatePersonalAccessTokenResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
GET_PERSONAL_ACCESS_TOKEN: Final = MethodInfo(
    name="GetPersonalAccessToken",
    service_name="gitpod.v1.UserService",
    input=GetPersonalAccessTokenRequest,
    output=GetPersonalAccessTokenResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
LIST_PERSONAL_ACCESS_TOKENS: Final = MethodInfo(
    name="ListPersonalAccessTokens",
    service_name="gitpod.v1.UserService",
    input=ListPersonalAccessTokensRequest,
    output=ListPersonalAccessTokensResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
LIST_PERSONAL_ACCESS_TOKENS_PAGES: Final = Paging[
    ListPersonalAccessTokensRequest, ListPersonalAccessTokensResponse, PersonalAccessToken
](items=lambda page: page.personal_access_tokens, nested=True)
DELETE_PERSONAL_ACCESS_TOKEN: Final = MethodInfo(
    name="DeletePersonalAccessToken",
    service_name="gitpod.v1.UserService",
    input=DeletePersonalAccessTokenRequest,
    output=DeletePersonalAccessTokenResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)


class UserService:
    """UserService serves users and their personal access tokens."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get_authenticated_user(
        self,
        request: GetAuthenticatedUserRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetAuthenticatedUserResponse:
        """Gets the profile of the caller.

        A service account has no profile: FAILED_PRECONDITION.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.

            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(GetAuthenticatedUserRequest, request, {}, may_be_empty=True)
        return self._calls.unary(GET_AUTHENTICATED_USER, asked, timeout=timeout, headers=headers)

    def get_user(
        self,
        request: GetUserRequest | None = None,
        *,
        user_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetUserResponse:
        """Gets the profile of a user.

        Everyone sees the users of their own organization; others are NOT_FOUND.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            user_id: The UUID of the user, in any case and of any version.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(GetUserRequest, request, {"user_id": user_id}, may_be_empty=False)
        return self._calls.unary(GET_USER, asked, timeout=timeout, headers=headers)

    def create_personal_access_token(
        self,
        request: CreatePersonalAccessTokenRequest | None = None,
        *,
        user_id: str | None = None,
        description: str | None = None,
        valid_for: Duration | timedelta | None = None,
        read_only: bool | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreatePersonalAccessTokenResponse:
        """Creates a token and returns its secret, once.

        Users create tokens for themselves, administrators for every user of their
        organization. A user whose status is not ACTIVE: FAILED_PRECONDITION.
        More tokens than the quota of the organization, which expired ones count for,
        are RESOURCE_EXHAUSTED (reason QUOTA_EXCEEDED). Neither idempotent nor safe to
        retry: each call makes another token.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            user_id: The UUID of the user that calls made with the token act as.
            description: What the token is for, at most 1000 characters, none of them NUL. May
                be empty.
            valid_for: How long the token is accepted: at most 90 days.
            read_only: Whether the token can only be used for reads.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreatePersonalAccessTokenRequest,
            request,
            {"user_id": user_id, "description": description, "valid_for": valid_for, "read_only": read_only},
            may_be_empty=False,
        )
        return self._calls.unary(CREATE_PERSONAL_ACCESS_TOKEN, asked, timeout=timeout, headers=headers)

    def get_personal_access_token(
        self,
        request: GetPersonalAccessTokenRequest | None = None,
        *,
        personal_access_token_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetPersonalAccessTokenResponse:
        """Gets what is known of a token, never its secret.

        Expired tokens are found until they are deleted.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            personal_access_token_id: The UUID of the token.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            GetPersonalAccessTokenRequest,
            request,
            {"personal_access_token_id": personal_access_token_id},
            may_be_empty=False,
        )
        return self._calls.unary(GET_PERSONAL_ACCESS_TOKEN, asked, timeout=timeout, headers=headers)

    def list_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        pagination: PaginationRequest | None = None,
        filter: ListPersonalAccessTokensRequest.Filter | None = None,
        user_ids: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListPersonalAccessTokensResponse:
        """Lists tokens that have not expired, newest first.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            pagination: Which page.
            filter: What to keep.
            user_ids: Keeps the tokens of any of these users; at most 25 UUIDs.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(
            ListPersonalAccessTokensRequest,
            request,
            {"pagination": pagination, "filter": filter, "filter.user_ids": user_ids},
            may_be_empty=True,
        )
        return self._calls.unary(LIST_PERSONAL_ACCESS_TOKENS, asked, timeout=timeout, headers=headers)

    def iter_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        page_size: int | None = None,
        pagination: PaginationRequest | None = None,
        filter: ListPersonalAccessTokensRequest.Filter | None = None,
        user_ids: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> Iterator[PersonalAccessToken]:
        """Yield what ListPersonalAccessTokens lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin, as a message; all from the start if left out.
                Fields that are given beside it change a copy of it.
            page_size: The most items to ask for at once; the server's default if left out.
            pagination: Which page.
            filter: What to keep.
            user_ids: Keeps the tokens of any of these users; at most 25 UUIDs.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
            TypeError: An argument is of another type.
        """
        return iterate(
            LIST_PERSONAL_ACCESS_TOKENS_PAGES,
            lambda page: self.list_personal_access_tokens(page, timeout=timeout, headers=headers),
            request_of(
                ListPersonalAccessTokensRequest,
                request,
                {"pagination": pagination, "filter": filter, "filter.user_ids": user_ids},
                may_be_empty=True,
            ),
            page_size,
        )

    def delete_personal_access_token(
        self,
        request: DeletePersonalAccessTokenRequest | None = None,
        *,
        personal_access_token_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeletePersonalAccessTokenResponse:
        """Deletes a token for good.

        It is refused from the next call on.

        Users delete their own tokens, administrators all of their organization. A
        token may delete itself. Deleting twice: NOT_FOUND.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            personal_access_token_id: The UUID of the token.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            DeletePersonalAccessTokenRequest,
            request,
            {"personal_access_token_id": personal_access_token_id},
            may_be_empty=False,
        )
        return self._calls.unary(DELETE_PERSONAL_ACCESS_TOKEN, asked, timeout=timeout, headers=headers)


class AsyncUserService:
    """UserService serves users and their personal access tokens."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def get_authenticated_user(
        self,
        request: GetAuthenticatedUserRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetAuthenticatedUserResponse:
        """Gets the profile of the caller.

        A service account has no profile: FAILED_PRECONDITION.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.

            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(GetAuthenticatedUserRequest, request, {}, may_be_empty=True)
        return await self._calls.unary(GET_AUTHENTICATED_USER, asked, timeout=timeout, headers=headers)

    async def get_user(
        self,
        request: GetUserRequest | None = None,
        *,
        user_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetUserResponse:
        """Gets the profile of a user.

        Everyone sees the users of their own organization; others are NOT_FOUND.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            user_id: The UUID of the user, in any case and of any version.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(GetUserRequest, request, {"user_id": user_id}, may_be_empty=False)
        return await self._calls.unary(GET_USER, asked, timeout=timeout, headers=headers)

    async def create_personal_access_token(
        self,
        request: CreatePersonalAccessTokenRequest | None = None,
        *,
        user_id: str | None = None,
        description: str | None = None,
        valid_for: Duration | timedelta | None = None,
        read_only: bool | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreatePersonalAccessTokenResponse:
        """Creates a token and returns its secret, once.

        Users create tokens for themselves, administrators for every user of their
        organization. A user whose status is not ACTIVE: FAILED_PRECONDITION.
        More tokens than the quota of the organization, which expired ones count for,
        are RESOURCE_EXHAUSTED (reason QUOTA_EXCEEDED). Neither idempotent nor safe to
        retry: each call makes another token.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            user_id: The UUID of the user that calls made with the token act as.
            description: What the token is for, at most 1000 characters, none of them NUL. May
                be empty.
            valid_for: How long the token is accepted: at most 90 days.
            read_only: Whether the token can only be used for reads.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreatePersonalAccessTokenRequest,
            request,
            {"user_id": user_id, "description": description, "valid_for": valid_for, "read_only": read_only},
            may_be_empty=False,
        )
        return await self._calls.unary(CREATE_PERSONAL_ACCESS_TOKEN, asked, timeout=timeout, headers=headers)

    async def get_personal_access_token(
        self,
        request: GetPersonalAccessTokenRequest | None = None,
        *,
        personal_access_token_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetPersonalAccessTokenResponse:
        """Gets what is known of a token, never its secret.

        Expired tokens are found until they are deleted.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            personal_access_token_id: The UUID of the token.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            GetPersonalAccessTokenRequest,
            request,
            {"personal_access_token_id": personal_access_token_id},
            may_be_empty=False,
        )
        return await self._calls.unary(GET_PERSONAL_ACCESS_TOKEN, asked, timeout=timeout, headers=headers)

    async def list_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        pagination: PaginationRequest | None = None,
        filter: ListPersonalAccessTokensRequest.Filter | None = None,
        user_ids: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListPersonalAccessTokensResponse:
        """Lists tokens that have not expired, newest first.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            pagination: Which page.
            filter: What to keep.
            user_ids: Keeps the tokens of any of these users; at most 25 UUIDs.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(
            ListPersonalAccessTokensRequest,
            request,
            {"pagination": pagination, "filter": filter, "filter.user_ids": user_ids},
            may_be_empty=True,
        )
        return await self._calls.unary(LIST_PERSONAL_ACCESS_TOKENS, asked, timeout=timeout, headers=headers)

    def iter_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        page_size: int | None = None,
        pagination: PaginationRequest | None = None,
        filter: ListPersonalAccessTokensRequest.Filter | None = None,
        user_ids: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> AsyncIterator[PersonalAccessToken]:
        """Yield what ListPersonalAccessTokens lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin, as a message; all from the start if left out.
                Fields that are given beside it change a copy of it.
            page_size: The most items to ask for at once; the server's default if left out.
            pagination: Which page.
            filter: What to keep.
            user_ids: Keeps the tokens of any of these users; at most 25 UUIDs.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
            TypeError: An argument is of another type.
        """
        return iterate_async(
            LIST_PERSONAL_ACCESS_TOKENS_PAGES,
            lambda page: self.list_personal_access_tokens(page, timeout=timeout, headers=headers),
            request_of(
                ListPersonalAccessTokensRequest,
                request,
                {"pagination": pagination, "filter": filter, "filter.user_ids": user_ids},
                may_be_empty=True,
            ),
            page_size,
        )

    async def delete_personal_access_token(
        self,
        request: DeletePersonalAccessTokenRequest | None = None,
        *,
        personal_access_token_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeletePersonalAccessTokenResponse:
        """Deletes a token for good.

        It is refused from the next call on.

        Users delete their own tokens, administrators all of their organization. A
        token may delete itself. Deleting twice: NOT_FOUND.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            personal_access_token_id: The UUID of the token.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            DeletePersonalAccessTokenRequest,
            request,
            {"personal_access_token_id": personal_access_token_id},
            may_be_empty=False,
        )
        return await self._calls.unary(DELETE_PERSONAL_ACCESS_TOKEN, asked, timeout=timeout, headers=headers)
