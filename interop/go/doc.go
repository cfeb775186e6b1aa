// Package interop calls a running Triptych server with clients that were generated for Go: connect-go over each
// of its protocols, and grpc-go. The tests are the same over all of them.
//
// TRIPTYCH_HTTP is the base URL of the HTTP port, TRIPTYCH_GRPC the host and port of gRPC.
package interop
