package interop

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/stats"
)

// A client library and how it is told to speak. A scenario asks it what it can expect.
type protocol struct {
	name string
	api
	conformance
	seen *wire

	gets   bool // sends rpcs without side effects with GET
	gzips  bool // compresses requests
	http2  bool
	grpcGo bool
}

// What a call looked like on the wire.
type exchange struct {
	verb, sent, received string // the HTTP verb, and the compressions of the request and the response
	succeeded            bool
}

// The last call of each rpc, by its path.
type wire struct {
	mutex     sync.Mutex
	exchanges map[string]exchange
}

func (w *wire) change(path string, change func(*exchange)) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	seen := w.exchanges[path]
	change(&seen)
	w.exchanges[path] = seen
}

func (w *wire) last(path string) exchange {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.exchanges[path]
}

// protocols returns all that is tried, each with connections of its own.
func protocols(t *testing.T) []*protocol {
	httpURL, grpcAddress := os.Getenv("TRIPTYCH_HTTP"), os.Getenv("TRIPTYCH_GRPC")
	if httpURL == "" || grpcAddress == "" {
		t.Skip("TRIPTYCH_HTTP and TRIPTYCH_GRPC do not say where the server is")
	}
	grpcURL := "http://" + grpcAddress
	json, get, gzipped := connect.WithProtoJSON(), connect.WithHTTPGet(), connect.WithSendGzip()
	web, overGRPC := connect.WithGRPCWeb(), connect.WithGRPC()
	return []*protocol{
		connectProtocol(t, "connect", httpURL),
		connectProtocol(t, "connect json", httpURL, json),
		connectProtocol(t, "connect get", httpURL, get),
		connectProtocol(t, "connect json get", httpURL, json, get),
		connectProtocol(t, "connect gzip", httpURL, gzipped),
		connectProtocol(t, "connect json get gzip", httpURL, json, get, gzipped),
		connectProtocol(t, "grpc-web", httpURL, web),
		connectProtocol(t, "grpc-web json", httpURL, web, json),
		connectProtocol(t, "grpc-web gzip", httpURL, web, gzipped),
		connectProtocol(t, "grpc", grpcURL, overGRPC),
		connectProtocol(t, "grpc gzip", grpcURL, overGRPC, gzipped),
		grpcGoProtocol(t, "grpc-go", grpcAddress),
		grpcGoProtocol(t, "grpc-go gzip", grpcAddress, grpc.UseCompressor(gzip.Name)),
	}
}

// connectProtocol returns connect-go with these options; the words of the name say what they do.
func connectProtocol(t *testing.T, name, url string, options ...connect.ClientOption) *protocol {
	words := strings.Fields(name)
	seen := &wire{exchanges: map[string]exchange{}}
	transport := &http.Transport{Protocols: new(http.Protocols)}
	overGRPC := words[0] == "grpc"
	transport.Protocols.SetUnencryptedHTTP2(overGRPC)
	transport.Protocols.SetHTTP1(!overGRPC)
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: observed{transport, seen}}
	options = append(options, connect.WithInterceptors(successes(seen)))
	return &protocol{
		name:        "connect-go " + name,
		api:         connectAPI(client, url, options...),
		conformance: connectConformance(client, url, options...),
		seen:        seen,
		gets:        strings.Contains(name, "get"),
		gzips:       strings.Contains(name, "gzip"),
		http2:       overGRPC,
	}
}

func grpcGoProtocol(t *testing.T, name, address string, options ...grpc.CallOption) *protocol {
	seen := &wire{exchanges: map[string]exchange{}}
	connection, err := grpc.NewClient(
		address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(options...),
		grpc.WithStatsHandler(statistics{seen}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return &protocol{
		name:        name,
		api:         grpcAPI(connection),
		conformance: grpcConformance(connection),
		seen:        seen,
		gzips:       strings.Contains(name, "gzip"),
		http2:       true,
		grpcGo:      true,
	}
}

// A transport that notes what connect-go sends and receives.
type observed struct {
	http.RoundTripper
	seen *wire
}

func (o observed) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := o.RoundTripper.RoundTrip(request)
	o.seen.change(request.URL.Path, func(seen *exchange) {
		seen.verb = request.Method
		seen.sent = encoding(request.Header)
		if request.Method == http.MethodGet {
			seen.sent = request.URL.Query().Get("compression")
		}
		if err == nil {
			seen.received = encoding(response.Header)
		}
	})
	return response, err
}

// encoding returns the compression that a header of any of the protocols names.
func encoding(headers http.Header) string {
	for _, name := range []string{"Content-Encoding", "Connect-Content-Encoding", "Grpc-Encoding"} {
		if value := headers.Get(name); value != "" && value != "identity" {
			return value
		}
	}
	return ""
}

// successes notes which unary rpcs succeeded.
func successes(seen *wire) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			response, err := next(ctx, request)
			if err == nil {
				seen.change(request.Spec().Procedure, func(seen *exchange) { seen.succeeded = true })
			}
			return response, err
		}
	})
}

type pathKey struct{}

// Notes what grpc-go sends and receives.
type statistics struct{ seen *wire }

func (s statistics) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, pathKey{}, info.FullMethodName)
}

func (s statistics) HandleRPC(ctx context.Context, event stats.RPCStats) {
	path, _ := ctx.Value(pathKey{}).(string)
	s.seen.change(path, func(seen *exchange) {
		switch event := event.(type) {
		case *stats.OutHeader:
			seen.verb, seen.sent = http.MethodPost, event.Compression
		case *stats.InHeader:
			seen.received = event.Compression
		case *stats.End:
			seen.succeeded = seen.succeeded || event.Error == nil
		}
	})
}

func (s statistics) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (s statistics) HandleConn(context.Context, stats.ConnStats) {}
