package main

import (
	"context"
	"net"

	"google.golang.org/grpc"

	gitpodv1 "example.com/client/gen/gitpod/v1"
)

type grpcProjects struct {
	gitpodv1.UnimplementedProjectServiceServer
}

func (grpcProjects) GetProject(
	context.Context, *gitpodv1.GetProjectRequest,
) (*gitpodv1.GetProjectResponse, error) {
	return project, nil
}

func (grpcProjects) ListProjects(
	context.Context, *gitpodv1.ListProjectsRequest,
) (*gitpodv1.ListProjectsResponse, error) {
	return page, nil
}

func serveGrpc(listener net.Listener) error {
	server := grpc.NewServer()
	gitpodv1.RegisterProjectServiceServer(server, grpcProjects{})
	return server.Serve(listener)
}
