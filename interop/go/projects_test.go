package interop

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/client/gen/gitpod/v1"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	engine           = "b0e12f6c-4c67-429d-a4a6-d9838b5da047"
	environment      = "07e03a28-65a5-4d98-b532-8ea67b188048"
	environmentClass = "b0e12f6c-4c67-429d-a4a6-d9838b5da041"
)

// repository returns an initializer with one git repository.
func repository(uri string) *gitpodv1.EnvironmentInitializer {
	git := &gitpodv1.GitInitializer{
		RemoteUri:   uri,
		TargetMode:  gitpodv1.GitInitializer_CLONE_TARGET_MODE_REMOTE_BRANCH,
		CloneTarget: "main",
	}
	return &gitpodv1.EnvironmentInitializer{Specs: []*gitpodv1.EnvironmentInitializer_Spec{
		{Spec: &gitpodv1.EnvironmentInitializer_Spec_Git{Git: git}},
	}}
}

func newProject(name string) *gitpodv1.CreateProjectRequest {
	return &gitpodv1.CreateProjectRequest{Name: name, Initializer: &gitpodv1.EnvironmentInitializer{}}
}

func lifeOfAProject(t *testing.T, ctx context.Context, p *protocol) {
	request := newProject(unique("site"))
	request.Initializer = repository("https://example.org/team/site.git")
	request.TechnicalDescription = "Größe: 1\n"
	request.PrebuildConfiguration = &gitpodv1.ProjectPrebuildConfiguration{
		Enabled: true, EnvironmentClassIds: []string{environmentClass}, Timeout: durationpb.New(30 * time.Minute),
	}
	created := done(p.createProject(ctx, request))(t).GetProject()
	equal(t, created.GetMetadata().GetName(), request.GetName())
	equal(t, created.GetMetadata().GetCreator().GetId(), ada)
	equal(t, created.GetTechnicalDescription(), request.GetTechnicalDescription())
	equal(t, created.GetPrebuildConfiguration().GetTimeout().AsDuration(), 30*time.Minute)

	got := done(p.getProject(ctx, &gitpodv1.GetProjectRequest{ProjectId: created.GetId()}))(t).GetProject()
	created.TechnicalDescription = "" // told when it is written, left out when it is read
	if !proto.Equal(got, created) {
		t.Fatalf("got %v, want %v", got, created)
	}

	name := unique("renamed")
	updated := done(p.updateProject(ctx, &gitpodv1.UpdateProjectRequest{
		ProjectId: created.GetId(), Name: &name,
		RecommendedEditors: &gitpodv1.RecommendedEditors{Editors: map[string]*gitpodv1.EditorVersions{
			"goland": {Versions: []string{"2025.1"}}, "vscode": {},
		}},
	}))(t).GetProject()
	equal(t, updated.GetMetadata().GetName(), name)
	equal(t, len(updated.GetRecommendedEditors().GetEditors()), 2)
	if !proto.Equal(updated.GetInitializer(), request.GetInitializer()) {
		t.Fatal("what was not given has changed")
	}

	done(p.deleteProject(ctx, &gitpodv1.DeleteProjectRequest{ProjectId: created.GetId()}))(t)
	_, err := p.getProject(ctx, &gitpodv1.GetProjectRequest{ProjectId: created.GetId()})
	fails(t, err, "not_found")

	copied := done(p.createProjectFromEnvironment(ctx, &gitpodv1.CreateProjectFromEnvironmentRequest{
		Name: unique("copy"), EnvironmentId: environment,
	}))(t).GetProject()
	uri := copied.GetInitializer().GetSpecs()[0].GetGit().GetRemoteUri()
	equal(t, strings.HasSuffix(uri, "/analytical-engine.git"), true)
}

func manyProjectsAtOnce(t *testing.T, ctx context.Context, p *protocol) {
	names := []string{unique("a"), unique("b")}
	created := done(p.createProjects(ctx, &gitpodv1.CreateProjectsRequest{Projects: []*gitpodv1.CreateProjectRequest{
		newProject(names[0]), newProject(strings.Repeat("x", 81)), newProject(names[1]),
	}}))(t)
	var ids []string
	for index, project := range created.GetCreatedProjects() {
		equal(t, project.GetMetadata().GetName(), names[index])
		ids = append(ids, project.GetId())
	}
	equal(t, len(ids), 2)
	equal(t, len(created.GetFailedProjects()), 1)
	equal(t, created.GetFailedProjects()[0].GetIndex(), 1)

	name := unique("c")
	updated := done(p.updateProjects(ctx, &gitpodv1.UpdateProjectsRequest{Projects: []*gitpodv1.UpdateProjectRequest{
		{ProjectId: absent, Name: &name}, {ProjectId: ids[0], Name: &name},
	}}))(t)
	equal(t, updated.GetUpdatedProjects()[0].GetMetadata().GetName(), name)
	equal(t, updated.GetFailedProjects()[0].GetProjectId(), absent)

	deleted := done(p.deleteProjects(ctx, &gitpodv1.DeleteProjectsRequest{
		ProjectIds: []string{ids[0], "no id", ids[1], ids[0]},
	}))(t)
	equal(t, deleted.GetDeletedProjectIds(), ids)
	var failed []int32
	for _, failure := range deleted.GetFailedProjects() {
		failed = append(failed, failure.GetIndex())
	}
	equal(t, failed, []int32{1, 3})
}

func pagesOfProjects(t *testing.T, ctx context.Context, p *protocol) {
	word := unique("word")
	batch := &gitpodv1.CreateProjectsRequest{}
	for range 5 {
		batch.Projects = append(batch.Projects, newProject(word))
	}
	var want, got []string
	for _, project := range done(p.createProjects(ctx, batch))(t).GetCreatedProjects() {
		want = append(want, project.GetId())
	}
	request := &gitpodv1.ListProjectsRequest{
		Pagination: &gitpodv1.PaginationRequest{PageSize: 2},
		Filter:     &gitpodv1.ListProjectsRequest_Filter{Search: word},
		Sort:       &gitpodv1.Sort{Field: "id", Order: gitpodv1.SortOrder_SORT_ORDER_ASC},
		Count:      &gitpodv1.CountRequest{Include: true},
	}
	var sizes []int
	for more := true; more; {
		page := done(p.listProjects(ctx, request))(t)
		if len(sizes) == 0 {
			equal(t, page.GetCount().GetValue(), 5)
			equal(t, page.GetCount().GetRelation(), gitpodv1.CountResponseRelation_COUNT_RESPONSE_RELATION_EQ)
		}
		for _, project := range page.GetProjects() {
			got = append(got, project.GetId())
		}
		sizes = append(sizes, len(page.GetProjects()))
		request.Pagination.Token = page.GetPagination().GetNextToken()
		more = request.GetPagination().GetToken() != ""
	}
	equal(t, sizes, []int{2, 2, 1})
	equal(t, got, want)

	request.Sort.Order = gitpodv1.SortOrder_SORT_ORDER_DESC
	request.Pagination = &gitpodv1.PaginationRequest{PageSize: 5}
	slices.Reverse(want)
	for index, project := range done(p.listProjects(ctx, request))(t).GetProjects() {
		equal(t, project.GetId(), want[index])
	}
}
