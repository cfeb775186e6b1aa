"""Tells which of the files of TLS cannot be used, and why: the errors of OpenSSL name none of them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NoReturn


class TlsFileError(Exception):
    """A file of TLS cannot be used; the text names its flag, the file and why."""


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
