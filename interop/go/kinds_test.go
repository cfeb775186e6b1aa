package interop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	suite "example.com/client/gen/connectrpc/conformance/v1"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

var chunks = [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("three"), 10_000)}

func streamFromTheServer(t *testing.T, ctx context.Context, p *protocol) {
	ctx, got := noting(ctx)
	messages, err := rest(p.serverStream(ctx, &suite.ServerStreamRequest{
		ResponseDefinition: &suite.StreamResponseDefinition{
			ResponseHeaders:  []*suite.Header{{Name: "x-header", Value: []string{"one", "two"}}},
			ResponseTrailers: []*suite.Header{{Name: "x-trailer", Value: []string{"three"}}},
			ResponseData:     chunks,
		},
	}))
	equal(t, err, nil)
	equal(t, len(messages), len(chunks))
	for index, message := range messages {
		equal(t, bytes.Equal(message.GetPayload().GetData(), chunks[index]), true)
	}
	equal(t, got.header.Values("X-Header"), []string{"one", "two"})
	equal(t, got.trailer.Values("X-Trailer"), []string{"three"})
}

func streamThatFails(t *testing.T, ctx context.Context, p *protocol) {
	message := "half of it"
	packed := done(anypb.New(&suite.Header{Name: "asked for"}))(t)
	messages, err := rest(p.serverStream(ctx, &suite.ServerStreamRequest{
		ResponseDefinition: &suite.StreamResponseDefinition{
			ResponseData: chunks,
			Error: &suite.Error{
				Code: suite.Code_CODE_RESOURCE_EXHAUSTED, Message: &message, Details: []*anypb.Any{packed},
			},
		},
	}))
	equal(t, len(messages), len(chunks))
	failed := fails(t, err, "resource_exhausted")
	equal(t, failed.message, message)
	equal(t, detail[*suite.Header](t, failed).GetName(), "asked for")
}

func streamFromTheClient(t *testing.T, ctx context.Context, p *protocol) {
	var requests []*suite.ClientStreamRequest
	for _, chunk := range chunks {
		requests = append(requests, &suite.ClientStreamRequest{RequestData: chunk})
	}
	requests[0].ResponseDefinition = &suite.UnaryResponseDefinition{
		ResponseTrailers: []*suite.Header{{Name: "x-trailer", Value: []string{"three"}}},
		Response:         &suite.UnaryResponseDefinition_ResponseData{ResponseData: []byte("all")},
	}
	ctx, got := noting(ctx)
	payload := done(p.clientStream(ctx, requests...))(t).GetPayload()
	equal(t, payload.GetData(), []byte("all"))
	equal(t, got.trailer.Values("X-Trailer"), []string{"three"})
	received := payload.GetRequestInfo().GetRequests()
	equal(t, len(received), len(chunks))
	for index, packed := range received {
		request := done(packed.UnmarshalNew())(t)
		equal(t, proto.Equal(request, requests[index]), true)
	}
}

// conversationRequests returns one request for each response that is asked for.
func conversationRequests(fullDuplex bool) []*suite.BidiStreamRequest {
	var requests []*suite.BidiStreamRequest
	for _, chunk := range chunks {
		requests = append(requests, &suite.BidiStreamRequest{RequestData: chunk, FullDuplex: fullDuplex})
	}
	requests[0].ResponseDefinition = &suite.StreamResponseDefinition{ResponseData: chunks}
	return requests
}

// refusesHTTP1 checks that connect-go itself refuses a stream in both directions without HTTP/2.
func refusesHTTP1(t *testing.T, ctx context.Context, p *protocol) bool {
	if p.http2 {
		return false
	}
	talk := p.bidiStream(ctx)
	if err := talk.close(); err != nil {
		t.Fatal(err)
	}
	_, err := talk.receive()
	fails(t, err, "unimplemented")
	return true
}

func halfDuplex(t *testing.T, ctx context.Context, p *protocol) {
	if refusesHTTP1(t, ctx, p) {
		return
	}
	talk := p.bidiStream(ctx)
	for _, request := range conversationRequests(false) {
		equal(t, talk.send(request), nil)
	}
	equal(t, talk.close(), nil)
	responses, err := rest(talk.receive)
	equal(t, err, nil)
	equal(t, len(responses), len(chunks))
	equal(t, len(responses[0].GetPayload().GetRequestInfo().GetRequests()), len(chunks))
}

func fullDuplex(t *testing.T, ctx context.Context, p *protocol) {
	if refusesHTTP1(t, ctx, p) {
		return
	}
	talk := p.bidiStream(ctx)
	for index, request := range conversationRequests(true) {
		equal(t, talk.send(request), nil)
		response := done(talk.receive())(t)
		equal(t, bytes.Equal(response.GetPayload().GetData(), chunks[index]), true)
		equal(t, len(response.GetPayload().GetRequestInfo().GetRequests()), 1)
	}
	equal(t, talk.close(), nil)
	_, err := talk.receive()
	equal(t, errors.Is(err, io.EOF), true)
}
