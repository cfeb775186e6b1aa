"""The exception that each code becomes: the SDK reads them all."""

from __future__ import annotations

import pytest
from clients import Documents, failure, told
from factify import errors
from factify.utils import BackoffStrategy, RetryConfig
from served import STATUSES, sent

# The status where it is not that of Connect, and the code where it is not the one that failed.
REST_STATUSES = STATUSES | {"deadline_exceeded": 408}
SENT_AS = {"out_of_range": "invalid_argument", "data_loss": "internal"}
READ = {400, 401, 403, 404, 429, 500}


@pytest.mark.parametrize("code", STATUSES)
async def test_each_code(max: Documents, code: str) -> None:
    error = await failure(max.list, http_headers={"x-fail": f"code:{code}"})
    status = REST_STATUSES[code]
    assert error.status_code == status
    if status in READ:
        assert type(error) is errors.ErrorResponse
        assert (error.data.code, error.data.message) == (SENT_AS.get(code, code), "as asked for")
        assert len(error.data.details) == 1
    else:
        assert type(error) is errors.FactifyDefaultError
        assert error.raw_response.json()["code"] == code


async def test_an_unexpected_error(max: Documents) -> None:
    error = await failure(max.list, http_headers={"x-fail": "boom"})
    assert told(error) == (500, "internal", [("internal_error", None)])
    assert error.message == "internal error"


async def test_a_deadline(max: Documents) -> None:
    error = await failure(max.list, http_headers={"x-fail": "sleep", "x-server-timeout": "0.1"})
    assert (type(error), error.status_code) == (errors.FactifyDefaultError, 408)
    assert error.raw_response.json()["code"] == "deadline_exceeded"


async def test_nothing_is_sent_twice_unasked(max: Documents) -> None:
    for code in ("unavailable", "internal"):
        with pytest.raises(errors.FactifyError):
            await max.list(http_headers={"x-fail": f"code:{code}", **sent(1, code)})


async def test_what_succeeds_is_sent_once(max: Documents) -> None:
    retries = RetryConfig("backoff", BackoffStrategy(1, 1, 1, 1000), retry_connection_errors=True)
    await max.list(retries=retries, http_headers=sent(1, "list"))
