"""What Triptych is to reach, with everything on, in terms of its peers' calls a second at 16 connections."""

from __future__ import annotations

from bench.stores import STORED_CALLS
from bench.workloads import CEILING

CONSTANT = "uvicorn, constant reply"
FIRST_ANSWER_SECONDS = 0.6

AIMS: dict[tuple[str, str], float] = {
    ("connect-json/get", "connectrpc"): 1.5,
    ("connect-json/get", "connect-go"): 0.6,
    ("connect-json/list", "connectrpc"): 2.5,
    ("connect-json/list", "connect-go"): 1.8,
    ("grpc-web/get", "connectrpc"): 1.2,
    ("grpc-web/list", "connectrpc"): 2.0,
    ("rest/get", "fastapi"): 1.2,
    ("rest/list", "fastapi"): 2.5,
    ("grpc/get", "grpcio"): 0.9,
    ("grpc/list", "grpcio"): 1.2,
    ("one-port-grpc/get", "connect-go"): 0.7,
    ("connect-json/get", CEILING): 0.50,
    ("connect-json/list", CEILING): 0.30,
    ("rest/get", CEILING): 0.26,
    ("rest/list", CEILING): 0.24,
    **{(f"sqlite {call}", "triptych"): 0.7 for call in STORED_CALLS},
    **{(f"postgresql {call}", "triptych"): 0.4 for call in STORED_CALLS},
    **{(f"postgresql {call}", "sqlalchemy"): 2.0 for call in STORED_CALLS},
    **{(f"2-workers {call}", "triptych-postgresql"): 1.0 for call in STORED_CALLS},
}
