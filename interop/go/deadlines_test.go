package interop

import (
	"context"
	"testing"
	"time"

	suite "example.com/client/gen/connectrpc/conformance/v1"
	"example.com/client/gen/gitpod/v1"
)

const (
	short       = 200 * time.Millisecond
	longDelayMs = 20_000 // longer than any deadline here
)

func delayed() *suite.UnaryRequest {
	return &suite.UnaryRequest{ResponseDefinition: &suite.UnaryResponseDefinition{ResponseDelayMs: longDelayMs}}
}

func deadlinePassed(t *testing.T, ctx context.Context, p *protocol) {
	ctx, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer cancel()
	_, err := p.getUser(ctx, &gitpodv1.GetUserRequest{UserId: ada})
	fails(t, err, "deadline_exceeded")
}

func deadlineDuringADelay(t *testing.T, ctx context.Context, p *protocol) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	told := done(p.unary(ctx, &suite.UnaryRequest{}))(t).GetPayload().GetRequestInfo()
	timeout := time.Duration(told.GetTimeoutMs()) * time.Millisecond
	if timeout <= 0 || timeout > patience {
		t.Fatalf("the server was told %v", timeout)
	}
	ctx, cancel = context.WithTimeout(ctx, short)
	defer cancel()
	_, err := p.unary(ctx, delayed())
	fails(t, err, "deadline_exceeded")
	_, err = rest(p.serverStream(ctx, &suite.ServerStreamRequest{}))
	fails(t, err, "deadline_exceeded")
}

// The header is written by hand: the client waits on, and it is the server that ends the call.
func deadlineOfTheServer(t *testing.T, ctx context.Context, p *protocol) {
	if p.grpcGo {
		t.Skip("grpc-go lets nobody write the header")
	}
	ctx = context.WithoutCancel(ctx)
	ctx = with(with(ctx, "Connect-Timeout-Ms", "200"), "Grpc-Timeout", "200m")
	_, err := p.unary(ctx, delayed())
	fails(t, err, "deadline_exceeded")
	stream := p.serverStream(ctx, &suite.ServerStreamRequest{ResponseDefinition: &suite.StreamResponseDefinition{
		ResponseData: [][]byte{[]byte("late")}, ResponseDelayMs: longDelayMs,
	}})
	messages, err := rest(stream)
	fails(t, err, "deadline_exceeded")
	equal(t, len(messages), 0)
}

func cancellation(t *testing.T, ctx context.Context, p *protocol) {
	unary, cancel := context.WithCancel(ctx)
	cancel()
	_, err := p.getUser(unary, &gitpodv1.GetUserRequest{UserId: ada})
	fails(t, err, "canceled")

	streaming, cancel := context.WithCancel(ctx)
	defer cancel()
	data := make([][]byte, 1000)
	next := p.serverStream(streaming, &suite.ServerStreamRequest{ResponseDefinition: &suite.StreamResponseDefinition{
		ResponseData: data, ResponseDelayMs: 20,
	}})
	done(next())(t)
	cancel()
	_, err = rest(next)
	fails(t, err, "canceled")
	done(p.getUser(ctx, &gitpodv1.GetUserRequest{UserId: ada}))(t) // the connection is fit for the next call
}
