package interop

import (
	"context"
	"encoding/base64"
	"slices"
	"testing"

	suite "example.com/client/gen/connectrpc/conformance/v1"
	documents "example.com/client/gen/factify/api/v1beta"
	"example.com/client/gen/gitpod/v1"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// detail returns the one detail of a type that an error has.
func detail[T proto.Message](t *testing.T, failed failure) T {
	t.Helper()
	var found []T
	for _, message := range failed.details {
		if one, ok := message.(T); ok {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d of the type in %v", len(found), failed.details)
	}
	return found[0]
}

// tells checks the reason that an error gives.
func tells(t *testing.T, failed failure, reason string) {
	t.Helper()
	info := detail[*errdetails.ErrorInfo](t, failed)
	equal(t, info.GetReason(), reason)
	equal(t, info.GetDomain(), "triptych")
}

func refusedRequest(t *testing.T, ctx context.Context, p *protocol) {
	request := newProject("")
	request.AutomationsFilePath = "/absolute"
	_, err := p.createProject(ctx, request)
	failed := fails(t, err, "invalid_argument")
	tells(t, failed, "INVALID_FIELD_VALUE")
	var fields []string
	for _, violation := range detail[*errdetails.BadRequest](t, failed).GetFieldViolations() {
		fields = append(fields, violation.GetField())
	}
	slices.Sort(fields)
	equal(t, fields, []string{"automations_file_path", "name"})

	_, err = p.listProjects(ctx, &gitpodv1.ListProjectsRequest{
		Pagination: &gitpodv1.PaginationRequest{Token: "none of ours"},
	})
	tells(t, fails(t, err, "invalid_argument"), "INVALID_CURSOR")
}

func refusedCaller(t *testing.T, ctx context.Context, p *protocol) {
	_, err := p.getAuthenticatedUser(context.Background(), &gitpodv1.GetAuthenticatedUserRequest{})
	tells(t, fails(t, err, "unauthenticated"), "MISSING_API_KEY")
	_, err = p.listProjects(as(ctx, "none of ours"), &gitpodv1.ListProjectsRequest{})
	tells(t, fails(t, err, "unauthenticated"), "INVALID_API_KEY")
	_, err = p.createProject(as(ctx, "triptych-read-only-token"), newProject("p"))
	tells(t, fails(t, err, "permission_denied"), "INSUFFICIENT_PERMISSIONS")
	_, err = p.deleteProject(as(ctx, "triptych-member-token"), &gitpodv1.DeleteProjectRequest{ProjectId: engine})
	fails(t, err, "permission_denied")
}

func whatIsNotThere(t *testing.T, ctx context.Context, p *protocol) {
	_, err := p.getUser(ctx, &gitpodv1.GetUserRequest{UserId: absent})
	tells(t, fails(t, err, "not_found"), "RESOURCE_NOT_FOUND")
	_, err = p.getProject(ctx, &gitpodv1.GetProjectRequest{ProjectId: absent})
	fails(t, err, "not_found")
	_, err = p.getDocument(ctx, &documents.GetDocumentRequest{DocumentId: "doc_01h2xcejqtf2nbrexx3vqjhp41"})
	fails(t, err, "not_found")
}

func errorsAskedFor(t *testing.T, ctx context.Context, p *protocol) {
	message := "100 % größer\nas asked for"
	asked := &suite.Header{Name: "größe", Value: []string{"1", ""}}
	packed := done(anypb.New(asked))(t)
	for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
		definition := &suite.UnaryResponseDefinition{Response: &suite.UnaryResponseDefinition_Error{
			Error: &suite.Error{Code: suite.Code(code), Message: &message, Details: []*anypb.Any{packed}},
		}}
		_, err := p.unary(ctx, &suite.UnaryRequest{ResponseDefinition: definition})
		failed := fails(t, err, code.String())
		equal(t, failed.message, message)
		equal(t, proto.Equal(detail[*suite.Header](t, failed), asked), true)
		requests := detail[*suite.ConformancePayload_RequestInfo](t, failed).GetRequests()
		equal(t, len(requests), 1)
	}
}

func headersAndTrailers(t *testing.T, ctx context.Context, p *protocol) {
	binary := base64.RawStdEncoding.EncodeToString([]byte{0, 1, 0xfe, 0xff})
	ctx = with(ctx, "X-Asked", "for")
	if !p.grpcGo { // which encodes binary metadata itself
		ctx = with(ctx, "X-Asked-Bin", binary)
	} else {
		ctx = with(ctx, "X-Asked-Bin", string([]byte{0, 1, 0xfe, 0xff}))
	}
	ctx, got := noting(ctx)
	response := done(p.unary(ctx, &suite.UnaryRequest{ResponseDefinition: &suite.UnaryResponseDefinition{
		ResponseHeaders:  []*suite.Header{{Name: "x-header", Value: []string{"one", "two"}}},
		ResponseTrailers: []*suite.Header{{Name: "x-trailer", Value: []string{"three"}}},
		Response:         &suite.UnaryResponseDefinition_ResponseData{ResponseData: []byte("data")},
	}}))(t)
	equal(t, response.GetPayload().GetData(), []byte("data"))
	equal(t, got.header.Values("X-Header"), []string{"one", "two"})
	equal(t, got.trailer.Values("X-Trailer"), []string{"three"})
	sent := map[string][]string{}
	for _, header := range response.GetPayload().GetRequestInfo().GetRequestHeaders() {
		sent[header.GetName()] = header.GetValue()
	}
	equal(t, sent["x-asked"], []string{"for"})
	equal(t, sent["x-asked-bin"], []string{binary})
}

func notImplemented(t *testing.T, ctx context.Context, p *protocol) {
	_, err := p.unimplemented(ctx, &suite.UnimplementedRequest{})
	fails(t, err, "unimplemented")
}
