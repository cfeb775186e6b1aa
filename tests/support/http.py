"""Clients of HTTP for tests."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_http_client(**options: Any) -> httpx.AsyncClient:
    """Return a client that asks no proxy.

    It trusts nobody's certificate unless told whose: to load those of the system takes 30 ms, more than most
    tests.
    """
    return httpx.AsyncClient(**{"verify": _NO_AUTHORITIES, "trust_env": False, **options})
