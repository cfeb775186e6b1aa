package interop

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"

	suite "example.com/client/gen/connectrpc/conformance/v1"
	"example.com/client/gen/connectrpc/conformance/v1/conformancev1connect"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
)

// The rpcs of the service of the conformance suite: each request says how it is to be answered.
type conformance struct {
	unary           rpc[suite.UnaryRequest, suite.UnaryResponse]
	idempotentUnary rpc[suite.IdempotentUnaryRequest, suite.IdempotentUnaryResponse]
	unimplemented   rpc[suite.UnimplementedRequest, suite.UnimplementedResponse]
	clientStream    func(context.Context, ...*suite.ClientStreamRequest) (*suite.ClientStreamResponse, error)
	serverStream    func(context.Context, *suite.ServerStreamRequest) stream[suite.ServerStreamResponse]
	bidiStream      func(context.Context) conversation
}

// stream returns the next message of a stream, or io.EOF after the last one.
type stream[O any] func() (*O, error)

// A stream in both directions.
type conversation struct {
	send    func(*suite.BidiStreamRequest) error
	close   func() error
	receive stream[suite.BidiStreamResponse]
}

// rest returns what is left of a stream, and how it ended.
func rest[O any](next stream[O]) ([]*O, error) {
	var messages []*O
	for {
		message, err := next()
		if errors.Is(err, io.EOF) {
			return messages, nil
		}
		if err != nil {
			return messages, err
		}
		messages = append(messages, message)
	}
}

func connectConformance(client connect.HTTPClient, url string, options ...connect.ClientOption) conformance {
	service := conformancev1connect.NewConformanceServiceClient(client, url, options...)
	return conformance{
		unary:           viaConnect(service.Unary),
		idempotentUnary: viaConnect(service.IdempotentUnary),
		unimplemented:   viaConnect(service.Unimplemented),
		clientStream: func(
			ctx context.Context, requests ...*suite.ClientStreamRequest,
		) (*suite.ClientStreamResponse, error) {
			stream := service.ClientStream(ctx)
			maps.Copy(stream.RequestHeader(), headersOf(ctx))
			for _, request := range requests {
				if err := stream.Send(request); err != nil && !errors.Is(err, io.EOF) {
					return nil, err
				}
			}
			response, err := stream.CloseAndReceive()
			if err != nil {
				return nil, err
			}
			note(ctx, response.Header(), response.Trailer())
			return response.Msg, nil
		},
		serverStream: func(
			ctx context.Context, message *suite.ServerStreamRequest,
		) stream[suite.ServerStreamResponse] {
			request := connect.NewRequest(message)
			maps.Copy(request.Header(), headersOf(ctx))
			stream, err := service.ServerStream(ctx, request)
			return func() (*suite.ServerStreamResponse, error) {
				if err != nil {
					return nil, err
				}
				if stream.Receive() {
					return stream.Msg(), nil
				}
				note(ctx, stream.ResponseHeader(), stream.ResponseTrailer())
				if stream.Err() != nil {
					return nil, stream.Err()
				}
				return nil, io.EOF
			}
		},
		bidiStream: func(ctx context.Context) conversation {
			stream := service.BidiStream(ctx)
			maps.Copy(stream.RequestHeader(), headersOf(ctx))
			return conversation{stream.Send, stream.CloseRequest, stream.Receive}
		},
	}
}

func grpcConformance(connection grpc.ClientConnInterface) conformance {
	service := suite.NewConformanceServiceClient(connection)
	return conformance{
		unary:           viaGRPC(service.Unary),
		idempotentUnary: viaGRPC(service.IdempotentUnary),
		unimplemented:   viaGRPC(service.Unimplemented),
		clientStream: func(
			ctx context.Context, requests ...*suite.ClientStreamRequest,
		) (*suite.ClientStreamResponse, error) {
			stream, err := service.ClientStream(outgoing(ctx))
			if err != nil {
				return nil, err
			}
			for _, request := range requests {
				if err := stream.Send(request); err != nil && !errors.Is(err, io.EOF) {
					return nil, err
				}
			}
			response, err := stream.CloseAndRecv()
			noteGRPC(ctx, stream)
			return response, err
		},
		serverStream: func(
			ctx context.Context, request *suite.ServerStreamRequest,
		) stream[suite.ServerStreamResponse] {
			stream, err := service.ServerStream(outgoing(ctx), request)
			return func() (*suite.ServerStreamResponse, error) {
				if err != nil {
					return nil, err
				}
				response, err := stream.Recv()
				if err != nil {
					noteGRPC(ctx, stream)
				}
				return response, err
			}
		},
		bidiStream: func(ctx context.Context) conversation {
			stream, err := service.BidiStream(outgoing(ctx))
			if err != nil {
				failed := func() error { return err }
				return conversation{
					func(*suite.BidiStreamRequest) error { return err }, failed,
					func() (*suite.BidiStreamResponse, error) { return nil, err },
				}
			}
			return conversation{stream.Send, stream.CloseSend, stream.Recv}
		},
	}
}

func noteGRPC(ctx context.Context, stream grpc.ClientStream) {
	header, err := stream.Header()
	if err != nil {
		header = nil
	}
	note(ctx, canonical(header), http.Header(canonical(stream.Trailer())))
}
