"""The files of TLS: which there are, and what is wrong with one, as OpenSSL's errors name none of them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from triptych.config import Settings


class TlsFileError(Exception):
    """A file of TLS cannot be used; the text names its flag, the file and why."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of TLS, as PEM; with `client_ca`, clients must show a certificate that it vouches for."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Tls | None:
        """Return those of the settings, or None if they have none."""
        if settings.tls_cert is None or settings.tls_key is None:
            return None
        return cls(settings.tls_cert, settings.tls_key, settings.tls_client_ca)


class _EncryptedError(Exception):
    """OpenSSL asks for the password of a key."""


def check_tls_files(cert: Path, key: Path, client_ca: Path | None) -> None:
    """Check the files before anything is opened with them.

    Args:
        cert: The server's certificate and those that lead to its root.
        key: The key of the certificate.
        client_ca: The roots that clients' certificates must lead to; None if clients need none.

    Raises:
        TlsFileError: One of them cannot be used.
    """
    _check_certificates("--tls-cert", cert)
    if client_ca is not None:
        _check_certificates("--tls-client-ca", client_ca)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, _no_password)
    except _EncryptedError:
        raise TlsFileError(f"cannot use --tls-key {key}: it is encrypted") from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TlsFileError(f"cannot use --tls-key {key}: it is not the key of {cert}") from error
        raise TlsFileError(f"cannot use --tls-key {key}: it holds no key in PEM") from error
    except OSError as error:
        raise TlsFileError(f"cannot use --tls-key {key}: {error.strerror}") from error


def _check_certificates(flag: str, file: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(file)
    except ssl.SSLError as error:
        raise TlsFileError(f"cannot use {flag} {file}: it holds no certificate in PEM") from error
    except OSError as error:
        raise TlsFileError(f"cannot use {flag} {file}: {error.strerror}") from error


def _no_password() -> NoReturn:
    # Without this, OpenSSL would ask for it on the terminal.
    raise _EncryptedError
