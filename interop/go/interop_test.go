package interop

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"testing"
	"time"
)

const patience = 30 * time.Second

// Every scenario is run over every protocol.
var scenarios = []struct {
	name string
	run  func(*testing.T, context.Context, *protocol)
}{
	{"users and tokens", usersAndTokens},
	{"pages of tokens", pagesOfTokens},
	{"the life of a project", lifeOfAProject},
	{"many projects at once", manyProjectsAtOnce},
	{"pages of projects", pagesOfProjects},
	{"the life of a document", lifeOfADocument},
	{"pages of documents", pagesOfDocuments},
	{"a refused request", refusedRequest},
	{"a refused caller", refusedCaller},
	{"what is not there", whatIsNotThere},
	{"errors as they are asked for", errorsAskedFor},
	{"headers and trailers", headersAndTrailers},
	{"what is not implemented", notImplemented},
	{"a deadline that has passed", deadlinePassed},
	{"a deadline during a delay", deadlineDuringADelay},
	{"a deadline that only the server knows", deadlineOfTheServer},
	{"cancellation", cancellation},
	{"a stream from the server", streamFromTheServer},
	{"a stream that fails", streamThatFails},
	{"a stream from the client", streamFromTheClient},
	{"streams in both directions, half duplex", halfDuplex},
	{"streams in both directions, full duplex", fullDuplex},
	{"compression and GET", compressionAndGet},
	{"every rpc was called", everyRPCWasCalled},
}

func TestInterop(t *testing.T) {
	for _, protocol := range protocols(t) {
		t.Run(protocol.name, func(t *testing.T) {
			for _, scenario := range scenarios {
				t.Run(scenario.name, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					scenario.run(t, with(ctx, "Authorization", "Bearer triptych-admin-token"), protocol)
				})
			}
		})
	}
}

// as returns a context whose calls are made with another token.
func as(ctx context.Context, token string) context.Context {
	return with(ctx, "Authorization", "Bearer "+token)
}

// done returns the value of a call that must succeed.
func done[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// fails checks the code that a call ends with, and returns all of how it ended.
func fails(t *testing.T, err error, code string) failure {
	t.Helper()
	failed := failureOf(err)
	if failed.code != code {
		t.Fatalf("got %q (%v), want %q", failed.code, err, code)
	}
	return failed
}

func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// unique returns a name that nothing else has.
func unique(text string) string {
	return fmt.Sprintf("%s %s", text, rand.Text())
}
