package interop

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

type (
	headersKey struct{}
	replyKey   struct{}
)

// What came back beside the message.
type reply struct {
	header, trailer http.Header
}

// with returns a context whose calls send one more header.
func with(ctx context.Context, name, value string) context.Context {
	headers := maps.Clone(headersOf(ctx))
	if headers == nil {
		headers = http.Header{}
	}
	headers.Set(name, value)
	return context.WithValue(ctx, headersKey{}, headers)
}

func headersOf(ctx context.Context) http.Header {
	headers, _ := ctx.Value(headersKey{}).(http.Header)
	return headers
}

// noting returns a context whose calls leave here what came back beside the message.
func noting(ctx context.Context) (context.Context, *reply) {
	noted := &reply{}
	return context.WithValue(ctx, replyKey{}, noted), noted
}

func note(ctx context.Context, header, trailer http.Header) {
	if noted, ok := ctx.Value(replyKey{}).(*reply); ok {
		noted.header, noted.trailer = header, trailer
	}
}

func viaConnect[I, O any](
	call func(context.Context, *connect.Request[I]) (*connect.Response[O], error),
) rpc[I, O] {
	return func(ctx context.Context, message *I) (*O, error) {
		request := connect.NewRequest(message)
		maps.Copy(request.Header(), headersOf(ctx))
		response, err := call(ctx, request)
		if err != nil {
			return nil, err
		}
		note(ctx, response.Header(), response.Trailer())
		return response.Msg, nil
	}
}

func viaGRPC[I, O any](
	call func(context.Context, *I, ...grpc.CallOption) (*O, error),
) rpc[I, O] {
	return func(ctx context.Context, message *I) (*O, error) {
		var header, trailer metadata.MD
		response, err := call(outgoing(ctx), message, grpc.Header(&header), grpc.Trailer(&trailer))
		note(ctx, canonical(header), canonical(trailer))
		return response, err
	}
}

// outgoing returns a context for grpc-go, with the headers as metadata.
func outgoing(ctx context.Context) context.Context {
	for name, values := range headersOf(ctx) {
		for _, value := range values {
			ctx = metadata.AppendToOutgoingContext(ctx, name, value)
		}
	}
	return ctx
}

func canonical(pairs metadata.MD) http.Header {
	headers := http.Header{}
	for name, values := range pairs {
		headers[http.CanonicalHeaderKey(name)] = values
	}
	return headers
}

// How a call ended. The code is spelled as Connect does; "" is success.
type failure struct {
	code, message string
	details       []proto.Message
}

// failureOf returns how a call ended, from the error of either library.
func failureOf(err error) failure {
	if err == nil {
		return failure{}
	}
	var connectError *connect.Error
	if errors.As(err, &connectError) {
		failed := failure{code: connectError.Code().String(), message: connectError.Message()}
		for _, detail := range connectError.Details() {
			if message, err := detail.Value(); err == nil {
				failed.details = append(failed.details, message)
			}
		}
		return failed
	}
	told := status.Convert(err)
	failed := failure{code: connect.Code(told.Code()).String(), message: told.Message()}
	for _, detail := range told.Details() {
		if message, ok := detail.(proto.Message); ok {
			failed.details = append(failed.details, message)
		}
	}
	return failed
}
