"""gRPC's interop tests, as its descriptions of them say: a client of grpcio, and grpc-go's own."""
