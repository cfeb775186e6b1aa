// Serves the REST transcoding suite with grpc-gateway on a free port that it prints.
//
// The only option is the way of unescaping paths that is nearest to google/api/http.proto; the default one
// unescapes them before the matching.
package main

import (
	"context"
	"net"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"triptych.test/rest_peers/gen"
	"triptych.test/rest_peers/peer"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	peer.Check(err)
	backend := grpc.NewServer(grpc.UnknownServiceHandler(echo))
	go func() { peer.Check(backend.Serve(listener)) }()
	mux := runtime.NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptSlash))
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	address := listener.Addr().String()
	peer.Check(gen.RegisterTranscodingServiceHandlerFromEndpoint(context.Background(), mux, address, options))
	peer.Serve(mux)
}

// echo answers any rpc of the suite.
func echo(_ any, stream grpc.ServerStream) error {
	request := &gen.Everything{}
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	data, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	method, _ := grpc.MethodFromServerStream(stream)
	reply := &gen.Reply{}
	if err := proto.Unmarshal(peer.Reply(method[strings.LastIndex(method, "/")+1:], data), reply); err != nil {
		return err
	}
	return stream.SendMsg(reply)
}
