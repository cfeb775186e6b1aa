package interop

import (
	"context"
	"testing"
	"time"

	"example.com/client/gen/gitpod/v1"

	"google.golang.org/protobuf/types/known/durationpb"
)

// What the seed file of the examples has.
const (
	ada = "f53d2330-3795-4c5d-a1f3-453121af9c60"
	max = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

	absent = "00000000-0000-4000-8000-000000000000"
)

func usersAndTokens(t *testing.T, ctx context.Context, p *protocol) {
	me := done(p.getAuthenticatedUser(ctx, &gitpodv1.GetAuthenticatedUserRequest{}))(t).GetUser()
	equal(t, me.GetId(), ada)
	equal(t, me.GetEmail(), "ada@example.org")
	equal(t, me.GetStatus(), gitpodv1.UserStatus_USER_STATUS_ACTIVE)
	equal(t, me.GetCreatedAt().AsTime(), time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC))
	other := done(p.getUser(ctx, &gitpodv1.GetUserRequest{UserId: max}))(t).GetUser()
	equal(t, other.GetName(), "Max Planck")

	description := unique("token")
	secret := done(p.createPersonalAccessToken(ctx, &gitpodv1.CreatePersonalAccessTokenRequest{
		UserId: max, Description: description, ValidFor: durationpb.New(time.Hour), ReadOnly: true,
	}))(t).GetToken()
	maxs := as(ctx, secret)
	equal(t, done(p.getAuthenticatedUser(maxs, &gitpodv1.GetAuthenticatedUserRequest{}))(t).GetUser().GetId(), max)

	listed := done(p.listPersonalAccessTokens(maxs, &gitpodv1.ListPersonalAccessTokensRequest{}))(t)
	newest := listed.GetPersonalAccessTokens()[0]
	equal(t, newest.GetDescription(), description)
	request := &gitpodv1.GetPersonalAccessTokenRequest{PersonalAccessTokenId: newest.GetId()}
	pat := done(p.getPersonalAccessToken(ctx, request))(t).GetPat()
	equal(t, pat.GetUserId(), max)
	equal(t, pat.GetReadOnly(), true)
	equal(t, pat.GetCreator().GetPrincipal(), gitpodv1.Principal_PRINCIPAL_USER)
	equal(t, pat.GetExpiresAt().AsTime().Sub(pat.GetCreatedAt().AsTime()), time.Hour)
	if pat.GetLastUsed() == nil {
		t.Fatal("the token was used")
	}

	_, err := p.deletePersonalAccessToken(ctx, &gitpodv1.DeletePersonalAccessTokenRequest{
		PersonalAccessTokenId: pat.GetId(),
	})
	equal(t, err, nil)
	_, err = p.getPersonalAccessToken(ctx, request)
	fails(t, err, "not_found")
	_, err = p.getAuthenticatedUser(maxs, &gitpodv1.GetAuthenticatedUserRequest{})
	fails(t, err, "unauthenticated")
}

func pagesOfTokens(t *testing.T, ctx context.Context, p *protocol) {
	maxs := as(ctx, "triptych-member-token")
	description := unique("page")
	for range 5 {
		done(p.createPersonalAccessToken(maxs, &gitpodv1.CreatePersonalAccessTokenRequest{
			UserId: max, Description: description,
		}))(t)
	}
	var ours []string
	pagination := &gitpodv1.PaginationRequest{PageSize: 2}
	for more := true; more; {
		page := done(p.listPersonalAccessTokens(maxs, &gitpodv1.ListPersonalAccessTokensRequest{
			Pagination: pagination,
			Filter:     &gitpodv1.ListPersonalAccessTokensRequest_Filter{UserIds: []string{max}},
		}))(t)
		for _, pat := range page.GetPersonalAccessTokens() {
			if pat.GetDescription() == description {
				ours = append(ours, pat.GetId())
			}
		}
		pagination.Token = page.GetPagination().GetNextToken()
		more = pagination.GetToken() != ""
	}
	equal(t, len(ours), 5)
	for _, id := range ours {
		done(p.deletePersonalAccessToken(maxs, &gitpodv1.DeletePersonalAccessTokenRequest{PersonalAccessTokenId: id}))(t)
	}
}
