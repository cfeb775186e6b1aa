package interop

import (
	"context"
	"net/http"
	"strings"
	"testing"

	suite "example.com/client/gen/connectrpc/conformance/v1"
	documents "example.com/client/gen/factify/api/v1beta"
	"example.com/client/gen/gitpod/v1"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func compressionAndGet(t *testing.T, ctx context.Context, p *protocol) {
	request := newProject(unique("large"))
	request.TechnicalDescription = strings.Repeat("Größe ", 1000)
	created := done(p.createProject(ctx, request))(t).GetProject()
	equal(t, created.GetTechnicalDescription(), request.GetTechnicalDescription())
	seen := p.seen.last("/gitpod.v1.ProjectService/CreateProject")
	equal(t, seen.verb, http.MethodPost)
	equal(t, seen.sent == "gzip", p.gzips)
	if !p.http2 { // the gRPC port compresses no responses
		equal(t, seen.received, "gzip")
	}

	done(p.getProject(ctx, &gitpodv1.GetProjectRequest{ProjectId: engine}))(t)
	seen = p.seen.last("/gitpod.v1.ProjectService/GetProject")
	equal(t, seen.verb == http.MethodGet, p.gets)
	equal(t, seen.sent == "gzip", p.gzips && !p.gets) // connect-go compresses GETs that are too long without

	definition := &suite.UnaryResponseDefinition{
		Response: &suite.UnaryResponseDefinition_ResponseData{ResponseData: []byte("data")},
	}
	response := done(p.idempotentUnary(ctx, &suite.IdempotentUnaryRequest{ResponseDefinition: definition}))(t)
	equal(t, response.GetPayload().GetData(), []byte("data"))
	equal(t, len(response.GetPayload().GetRequestInfo().GetRequests()), 1)
	seen = p.seen.last("/connectrpc.conformance.v1.ConformanceService/IdempotentUnary")
	equal(t, seen.verb == http.MethodGet, p.gets)
}

// everyRPCWasCalled checks the scenarios before it: none of the rpcs of the contract was left out.
func everyRPCWasCalled(t *testing.T, _ context.Context, p *protocol) {
	for _, file := range []protoreflect.FileDescriptor{
		gitpodv1.File_gitpod_v1_user_service_proto,
		gitpodv1.File_gitpod_v1_project_service_proto,
		documents.File_factify_api_v1beta_document_service_proto,
	} {
		service := file.Services().Get(0)
		for index := range service.Methods().Len() {
			path := "/" + string(service.FullName()) + "/" + string(service.Methods().Get(index).Name())
			if !p.seen.last(path).succeeded {
				t.Errorf("no call of %s succeeded", path)
			}
		}
	}
}
