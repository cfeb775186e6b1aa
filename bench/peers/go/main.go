// The peers in Go: connect-go and grpc-go, with handlers that return a message that is there already.
//
// Usage: peers connect-go|grpc-go FOLDER, a folder with what Triptych answered.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	gitpodv1 "example.com/client/gen/gitpod/v1"
)

var (
	project = &gitpodv1.GetProjectResponse{}
	page    = &gitpodv1.ListProjectsResponse{}
)

func main() {
	read("GetProject.binpb", project)
	read("ListProjects.binpb", page)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	serve := map[string]func(net.Listener) error{"connect-go": serveConnect, "grpc-go": serveGrpc}[os.Args[1]]
	fmt.Println(listener.Addr())
	log.Fatal(serve(listener))
}

func read(name string, message proto.Message) {
	data, err := os.ReadFile(filepath.Join(os.Args[2], name))
	if err == nil {
		err = proto.Unmarshal(data, message)
	}
	if err != nil {
		log.Fatal(err)
	}
}
