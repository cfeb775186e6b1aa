// Serves the REST transcoding suite with vanguard, from a descriptor set, on a free port that it prints.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"triptych.test/rest_peers/peer"
)

const serviceName = "triptych.transcoding.v1.TranscodingService"

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: vanguard DESCRIPTOR_SET")
	}
	data, err := os.ReadFile(os.Args[1])
	peer.Check(err)
	set := &descriptorpb.FileDescriptorSet{}
	peer.Check(proto.Unmarshal(data, set))
	files, err := protodesc.NewFiles(set)
	peer.Check(err)
	found, err := files.FindDescriptorByName(serviceName)
	peer.Check(err)
	schema := found.(protoreflect.ServiceDescriptor)
	service := vanguard.NewServiceWithSchema(
		schema, echo(schema),
		vanguard.WithTypeResolver(dynamicpb.NewTypes(files)),
		vanguard.WithTargetProtocols(vanguard.ProtocolConnect),
		vanguard.WithTargetCodecs(vanguard.CodecProto),
	)
	transcoder, err := vanguard.NewTranscoder([]*vanguard.Service{service})
	peer.Check(err)
	peer.Serve(transcoder)
}

// echo returns the handlers of connect-go for all rpcs of the suite.
func echo(service protoreflect.ServiceDescriptor) http.Handler {
	mux := http.NewServeMux()
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		answer := func(
			_ context.Context, request *connect.Request[dynamicpb.Message],
		) (*connect.Response[dynamicpb.Message], error) {
			data, err := proto.Marshal(request.Msg)
			if err != nil {
				return nil, connect.NewError(connect.CodeInvalidArgument, err)
			}
			reply := dynamicpb.NewMessage(method.Output())
			if err := proto.Unmarshal(peer.Reply(string(method.Name()), data), reply); err != nil {
				return nil, err
			}
			return connect.NewResponse(reply), nil
		}
		path := "/" + string(service.FullName()) + "/" + string(method.Name())
		mux.Handle(path, connect.NewUnaryHandler(path, answer,
			connect.WithSchema(method),
			connect.WithRequestInitializer(func(_ connect.Spec, message any) error {
				if dynamic, ok := message.(*dynamicpb.Message); ok {
					*dynamic = *dynamicpb.NewMessage(method.Input())
				}
				return nil
			}),
		))
	}
	return mux
}
