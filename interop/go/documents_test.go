package interop

import (
	"context"
	"slices"
	"strings"
	"testing"

	documents "example.com/client/gen/factify/api/v1beta"
)

// newDocument returns a request with a small file.
func newDocument(title string) *documents.CreateDocumentRequest {
	return &documents.CreateDocumentRequest{Title: title, FileName: "notes.md", Payload: []byte("# Größe\n")}
}

func lifeOfADocument(t *testing.T, ctx context.Context, p *protocol) {
	request := newDocument(unique("Notes"))
	description, access := "of the engine", documents.AccessLevel_ACCESS_LEVEL_PRIVATE
	request.Description, request.AccessLevel = &description, &access
	created := done(p.createDocument(ctx, request))(t).GetDocument()
	equal(t, created.GetTitle(), request.GetTitle())
	equal(t, created.GetDescription(), description)
	equal(t, created.GetSourceFormat(), "markdown")
	equal(t, created.GetCreatedBy().GetType(), documents.SubjectType_SUBJECT_TYPE_USER)
	equal(t, strings.HasPrefix(created.GetId(), "doc_"), true)

	get := &documents.GetDocumentRequest{DocumentId: created.GetId()}
	processing := documents.ProcessingStatus_PROCESSING_STATUS_PROCESSING
	got := done(p.getDocument(ctx, get))(t).GetDocument()
	for got.GetProcessingStatus() == processing { // until the context ends
		got = done(p.getDocument(ctx, get))(t).GetDocument()
	}
	equal(t, got.GetProcessingStatus(), documents.ProcessingStatus_PROCESSING_STATUS_READY)
	equal(t, got.GetAccessLevel(), access)
	equal(t, got.GetPermissionSet().GetTrash(), true)

	title, empty := unique("Renamed"), ""
	updated := done(p.updateDocument(ctx, &documents.UpdateDocumentRequest{
		DocumentId: created.GetId(), Title: &title, Description: &empty,
	}))(t).GetDocument()
	equal(t, updated.GetTitle(), title)
	equal(t, updated.Description, nil)

	for _, trashed := range []bool{true, false} {
		if trashed {
			done(p.trashDocument(ctx, &documents.TrashDocumentRequest{DocumentId: created.GetId()}))(t)
		} else {
			done(p.untrashDocument(ctx, &documents.UntrashDocumentRequest{DocumentId: created.GetId()}))(t)
		}
		got = done(p.getDocument(ctx, get))(t).GetDocument()
		equal(t, got.GetTrashedAt() != nil, trashed)
	}
}

func pagesOfDocuments(t *testing.T, ctx context.Context, p *protocol) {
	word := unique("word")
	var want []string
	for range 5 {
		want = append(want, done(p.createDocument(ctx, newDocument(word)))(t).GetDocument().GetId())
	}
	size, sort := int32(2), "created_at"
	request := &documents.ListDocumentsRequest{PageSize: &size, Sort: &sort, TitleContains: &word}
	var pages [][]string
	next := func() *documents.Pagination {
		page := done(p.listDocuments(ctx, request))(t)
		var ids []string
		for _, document := range page.GetItems() {
			ids = append(ids, document.GetId())
		}
		pages = append(pages, ids)
		return page.GetPagination()
	}
	for more := true; more; {
		pagination := next()
		more = pagination.GetHasMore()
		if more {
			request.PageToken = pagination.GetNextPageToken()
		} else {
			request.PageToken = pagination.GetPrevPageToken()
		}
	}
	equal(t, slices.Concat(pages...), want)
	next()
	equal(t, pages[len(pages)-1], want[2:4])
}
