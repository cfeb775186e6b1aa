"""Where a server is, and the proxy that is between."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

_PORTS: Final = {"http": 80, "https": 443}
_PROXIES: Final = ("http", "https", "socks5", "socks5h")
_SCHEME: Final = re.compile(r"https?:", re.IGNORECASE)
# Before Python 3.14, urlsplit ignores what stands around an address in brackets.
_AUTHORITY: Final = re.compile(r"(?:[^\[\]]*@)?(?:\[[^\[\]]*\]|[^\[\]]*)(?::[^\[\]]*)?")
_HOST_AND_PORT: Final = re.compile(r"\[?(?P<host>.*?)\]?(?::(?P<port>[0-9]+))?")


def base_url(given: str) -> str:
    """Return the URL that a user means, without a slash at its end; one without a scheme means http.

    Raises:
        ValueError: It is none, or holds what no base URL has. The error shows nothing of it.
    """
    url = given if "://" in given or _SCHEME.match(given) else f"http://{given}"
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _PORTS and _names_host(parts)
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", url):
        raise ValueError("base_url must be a URL such as http://127.0.0.1:8080 or https://example.com/api")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("base_url must hold no user, query or fragment")
    return url.rstrip("/?#")


def proxy_of(url: str) -> str | None:
    """Return the URL of the proxy that the environment names for a server; None for none.

    HTTP_PROXY, HTTPS_PROXY and ALL_PROXY are known, in small letters too, and NO_PROXY, which may hold `*`,
    hosts (their subdomains included), addresses and networks, each with or without a port. This machine is
    never called through a proxy.

    Args:
        url: Where the server is.

    Raises:
        ValueError: A variable holds no URL of a proxy. The error does not show it.
    """
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or _is_loopback(parts.hostname or "") or _is_excepted(parts, proxies.get("no", "")):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        given = urlsplit(proxy)
        valid = given.scheme in _PROXIES and _names_host(given)
    except ValueError:
        valid = False
    if not valid:
        name = parts.scheme if proxies.get(parts.scheme) else "all"
        raise ValueError(f"{name.upper()}_PROXY must be a URL such as http://proxy.example.com:3128")
    return proxy


def shown(proxy: str) -> str:
    """Return the URL of a proxy without the user and the password in it."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _names_host(parts: SplitResult) -> bool:
    """Tell whether there is a host, and a port that can be called if there is any.

    Raises:
        ValueError: The port is no number of one.
    """
    return bool(parts.hostname) and parts.port != 0 and _AUTHORITY.fullmatch(parts.netloc) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    if address is None:
        name = host.rstrip(".").lower()
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified


def _is_excepted(parts: SplitResult, exceptions: str) -> bool:
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or _PORTS[parts.scheme]
    return any(_matches(host, port, each.lower()) for each in re.split(r"[\s,]+", exceptions) if each)


def _matches(host: str, port: int, exception: str) -> bool:
    if exception == "*":
        return True
    address = _address(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(exception.strip("[]"), strict=False)
        except ValueError:
            pass
    found = _HOST_AND_PORT.fullmatch(exception)
    if found is None or not found["host"] or (found["port"] and int(found["port"]) != port):
        return False
    if address is not None:
        return address == _address(found["host"])
    name = found["host"].removeprefix("*").strip(".")
    return name in {"", host} or host.endswith(f".{name}")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
