"""UserService of gitpod.v1. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType

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
from triptych_client.calls import AsyncCalls, Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async

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
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(
            GET_AUTHENTICATED_USER,
            GetAuthenticatedUserRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def get_user(
        self, request: GetUserRequest, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> GetUserResponse:
        """Gets the profile of a user.

        Everyone sees the users of their own organization; others are NOT_FOUND.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(GET_USER, request, timeout=timeout, headers=headers)

    def create_personal_access_token(
        self,
        request: CreatePersonalAccessTokenRequest,
        *,
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
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(CREATE_PERSONAL_ACCESS_TOKEN, request, timeout=timeout, headers=headers)

    def get_personal_access_token(
        self,
        request: GetPersonalAccessTokenRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetPersonalAccessTokenResponse:
        """Gets what is known of a token, never its secret.

        Expired tokens are found until they are deleted.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(GET_PERSONAL_ACCESS_TOKEN, request, timeout=timeout, headers=headers)

    def list_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListPersonalAccessTokensResponse:
        """Lists tokens that have not expired, newest first.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(
            LIST_PERSONAL_ACCESS_TOKENS,
            ListPersonalAccessTokensRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def iter_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> Iterator[PersonalAccessToken]:
        """Yield what ListPersonalAccessTokens lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate(
            LIST_PERSONAL_ACCESS_TOKENS_PAGES,
            lambda page: self.list_personal_access_tokens(page, timeout=timeout, headers=headers),
            ListPersonalAccessTokensRequest() if request is None else request,
            page_size,
        )

    def delete_personal_access_token(
        self,
        request: DeletePersonalAccessTokenRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeletePersonalAccessTokenResponse:
        """Deletes a token for good.

        It is refused from the next call on.

        Users delete their own tokens, administrators all of their organization. A
        token may delete itself. Deleting twice: NOT_FOUND.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(DELETE_PERSONAL_ACCESS_TOKEN, request, timeout=timeout, headers=headers)


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
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            GET_AUTHENTICATED_USER,
            GetAuthenticatedUserRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    async def get_user(
        self, request: GetUserRequest, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> GetUserResponse:
        """Gets the profile of a user.

        Everyone sees the users of their own organization; others are NOT_FOUND.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(GET_USER, request, timeout=timeout, headers=headers)

    async def create_personal_access_token(
        self,
        request: CreatePersonalAccessTokenRequest,
        *,
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
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            CREATE_PERSONAL_ACCESS_TOKEN, request, timeout=timeout, headers=headers
        )

    async def get_personal_access_token(
        self,
        request: GetPersonalAccessTokenRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetPersonalAccessTokenResponse:
        """Gets what is known of a token, never its secret.

        Expired tokens are found until they are deleted.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(GET_PERSONAL_ACCESS_TOKEN, request, timeout=timeout, headers=headers)

    async def list_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListPersonalAccessTokensResponse:
        """Lists tokens that have not expired, newest first.

        Users see their own tokens, administrators all of their organization.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            LIST_PERSONAL_ACCESS_TOKENS,
            ListPersonalAccessTokensRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def iter_personal_access_tokens(
        self,
        request: ListPersonalAccessTokensRequest | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> AsyncIterator[PersonalAccessToken]:
        """Yield what ListPersonalAccessTokens lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate_async(
            LIST_PERSONAL_ACCESS_TOKENS_PAGES,
            lambda page: self.list_personal_access_tokens(page, timeout=timeout, headers=headers),
            ListPersonalAccessTokensRequest() if request is None else request,
            page_size,
        )

    async def delete_personal_access_token(
        self,
        request: DeletePersonalAccessTokenRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeletePersonalAccessTokenResponse:
        """Deletes a token for good.

        It is refused from the next call on.

        Users delete their own tokens, administrators all of their organization. A
        token may delete itself. Deleting twice: NOT_FOUND.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            DELETE_PERSONAL_ACCESS_TOKEN, request, timeout=timeout, headers=headers
        )
