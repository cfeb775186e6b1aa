"""What the two processes of the one-port mode tell each other."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from triptych.app.first_start import FirstStart
from triptych.config import Settings, defaults
from triptych.one_port.handover import Handover


def test_every_setting_arrives(tmp_path: Path) -> None:
    settings = Settings(
        http_host="127.0.0.2",
        http_port=1,
        grpc_host="127.0.0.3",
        grpc_port=2,
        one_port=True,
        tls_cert=Path("cert"),
        tls_key=Path("key"),
        tls_client_ca=Path("ca"),
        token="secret",
        seed=Path("seed"),
        dev=True,
        public_url="http://public",
        cors_origin=("http://a", "http://b"),
        conformance=True,
        max_upload=3,
        rate_limit=True,
        max_message=4,
        max_concurrency=5,
        keep_alive=7.5,
        max_in_flight=6,
        reflection=False,
        docs=False,
        project_quota=7,
        document_quota=8,
        project_bytes_quota=9,
        document_bytes_quota=10,
        token_quota=11,
        log_format="json",
        log_level="error",
        drain_seconds=2.5,
        shutdown_grace=6.5,
    )
    unset = [name for name, value in asdict(settings).items() if value == defaults()[name]]
    assert unset == []  # a setting that is new belongs above
    Handover(tmp_path).write_settings(settings)
    assert Handover(tmp_path).read_settings() == settings
    assert [file.name for file in tmp_path.iterdir() if "secret" in file.read_text()] == []


def test_what_came_of_the_start(tmp_path: Path) -> None:
    handover = Handover(tmp_path)
    assert handover.take_outcome() is None
    for outcome in (FirstStart("Ada", "new-secret"), FirstStart("Ada", None), "line one\nline two"):
        handover.write_outcome(outcome)
        assert handover.take_outcome() == outcome
        assert handover.take_outcome() is None
