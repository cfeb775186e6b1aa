package main

import (
	"context"
	"net"
	"net/http"

	"connectrpc.com/connect"

	gitpodv1 "example.com/client/gen/gitpod/v1"
	"example.com/client/gen/gitpod/v1/gitpodv1connect"
)

type connectProjects struct {
	gitpodv1connect.UnimplementedProjectServiceHandler
}

func (connectProjects) GetProject(
	context.Context, *connect.Request[gitpodv1.GetProjectRequest],
) (*connect.Response[gitpodv1.GetProjectResponse], error) {
	return connect.NewResponse(project), nil
}

func (connectProjects) ListProjects(
	context.Context, *connect.Request[gitpodv1.ListProjectsRequest],
) (*connect.Response[gitpodv1.ListProjectsResponse], error) {
	return connect.NewResponse(page), nil
}

// Connect, gRPC-Web and gRPC over HTTP/1.1 and, without TLS, HTTP/2.
func serveConnect(listener net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle(gitpodv1connect.NewProjectServiceHandler(connectProjects{}))
	server := http.Server{Handler: mux, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	return server.Serve(listener)
}
