package interop

import (
	"context"

	documents "example.com/client/gen/factify/api/v1beta"
	"example.com/client/gen/factify/api/v1beta/apiv1betaconnect"
	"example.com/client/gen/gitpod/v1"
	"example.com/client/gen/gitpod/v1/gitpodv1connect"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
)

// A unary rpc of a generated client, whichever plugin generated it.
type rpc[I, O any] func(context.Context, *I) (*O, error)

// The rpcs of the three services.
type api struct {
	getAuthenticatedUser         rpc[gitpodv1.GetAuthenticatedUserRequest, gitpodv1.GetAuthenticatedUserResponse]
	getUser                      rpc[gitpodv1.GetUserRequest, gitpodv1.GetUserResponse]
	createPersonalAccessToken    rpc[gitpodv1.CreatePersonalAccessTokenRequest, gitpodv1.CreatePersonalAccessTokenResponse]
	getPersonalAccessToken       rpc[gitpodv1.GetPersonalAccessTokenRequest, gitpodv1.GetPersonalAccessTokenResponse]
	listPersonalAccessTokens     rpc[gitpodv1.ListPersonalAccessTokensRequest, gitpodv1.ListPersonalAccessTokensResponse]
	deletePersonalAccessToken    rpc[gitpodv1.DeletePersonalAccessTokenRequest, gitpodv1.DeletePersonalAccessTokenResponse]
	createProject                rpc[gitpodv1.CreateProjectRequest, gitpodv1.CreateProjectResponse]
	createProjects               rpc[gitpodv1.CreateProjectsRequest, gitpodv1.CreateProjectsResponse]
	createProjectFromEnvironment rpc[gitpodv1.CreateProjectFromEnvironmentRequest, gitpodv1.CreateProjectFromEnvironmentResponse]
	getProject                   rpc[gitpodv1.GetProjectRequest, gitpodv1.GetProjectResponse]
	listProjects                 rpc[gitpodv1.ListProjectsRequest, gitpodv1.ListProjectsResponse]
	updateProject                rpc[gitpodv1.UpdateProjectRequest, gitpodv1.UpdateProjectResponse]
	updateProjects               rpc[gitpodv1.UpdateProjectsRequest, gitpodv1.UpdateProjectsResponse]
	deleteProject                rpc[gitpodv1.DeleteProjectRequest, gitpodv1.DeleteProjectResponse]
	deleteProjects               rpc[gitpodv1.DeleteProjectsRequest, gitpodv1.DeleteProjectsResponse]
	listDocuments                rpc[documents.ListDocumentsRequest, documents.ListDocumentsResponse]
	createDocument               rpc[documents.CreateDocumentRequest, documents.CreateDocumentResponse]
	getDocument                  rpc[documents.GetDocumentRequest, documents.GetDocumentResponse]
	updateDocument               rpc[documents.UpdateDocumentRequest, documents.UpdateDocumentResponse]
	trashDocument                rpc[documents.TrashDocumentRequest, documents.TrashDocumentResponse]
	untrashDocument              rpc[documents.UntrashDocumentRequest, documents.UntrashDocumentResponse]
}

// connectAPI returns the rpcs of the clients that protoc-gen-connect-go generated.
func connectAPI(client connect.HTTPClient, url string, options ...connect.ClientOption) api {
	user := gitpodv1connect.NewUserServiceClient(client, url, options...)
	project := gitpodv1connect.NewProjectServiceClient(client, url, options...)
	document := apiv1betaconnect.NewDocumentServiceClient(client, url, options...)
	return api{
		getAuthenticatedUser:         viaConnect(user.GetAuthenticatedUser),
		getUser:                      viaConnect(user.GetUser),
		createPersonalAccessToken:    viaConnect(user.CreatePersonalAccessToken),
		getPersonalAccessToken:       viaConnect(user.GetPersonalAccessToken),
		listPersonalAccessTokens:     viaConnect(user.ListPersonalAccessTokens),
		deletePersonalAccessToken:    viaConnect(user.DeletePersonalAccessToken),
		createProject:                viaConnect(project.CreateProject),
		createProjects:               viaConnect(project.CreateProjects),
		createProjectFromEnvironment: viaConnect(project.CreateProjectFromEnvironment),
		getProject:                   viaConnect(project.GetProject),
		listProjects:                 viaConnect(project.ListProjects),
		updateProject:                viaConnect(project.UpdateProject),
		updateProjects:               viaConnect(project.UpdateProjects),
		deleteProject:                viaConnect(project.DeleteProject),
		deleteProjects:               viaConnect(project.DeleteProjects),
		listDocuments:                viaConnect(document.ListDocuments),
		createDocument:               viaConnect(document.CreateDocument),
		getDocument:                  viaConnect(document.GetDocument),
		updateDocument:               viaConnect(document.UpdateDocument),
		trashDocument:                viaConnect(document.TrashDocument),
		untrashDocument:              viaConnect(document.UntrashDocument),
	}
}

// grpcAPI returns the rpcs of the clients that protoc-gen-go-grpc generated.
func grpcAPI(connection grpc.ClientConnInterface) api {
	user := gitpodv1.NewUserServiceClient(connection)
	project := gitpodv1.NewProjectServiceClient(connection)
	document := documents.NewDocumentServiceClient(connection)
	return api{
		getAuthenticatedUser:         viaGRPC(user.GetAuthenticatedUser),
		getUser:                      viaGRPC(user.GetUser),
		createPersonalAccessToken:    viaGRPC(user.CreatePersonalAccessToken),
		getPersonalAccessToken:       viaGRPC(user.GetPersonalAccessToken),
		listPersonalAccessTokens:     viaGRPC(user.ListPersonalAccessTokens),
		deletePersonalAccessToken:    viaGRPC(user.DeletePersonalAccessToken),
		createProject:                viaGRPC(project.CreateProject),
		createProjects:               viaGRPC(project.CreateProjects),
		createProjectFromEnvironment: viaGRPC(project.CreateProjectFromEnvironment),
		getProject:                   viaGRPC(project.GetProject),
		listProjects:                 viaGRPC(project.ListProjects),
		updateProject:                viaGRPC(project.UpdateProject),
		updateProjects:               viaGRPC(project.UpdateProjects),
		deleteProject:                viaGRPC(project.DeleteProject),
		deleteProjects:               viaGRPC(project.DeleteProjects),
		listDocuments:                viaGRPC(document.ListDocuments),
		createDocument:               viaGRPC(document.CreateDocument),
		getDocument:                  viaGRPC(document.GetDocument),
		updateDocument:               viaGRPC(document.UpdateDocument),
		trashDocument:                viaGRPC(document.TrashDocument),
		untrashDocument:              viaGRPC(document.UntrashDocument),
	}
}
