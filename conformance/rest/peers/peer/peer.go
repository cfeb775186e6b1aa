// Package peer has what both peers need.
package peer

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Reply makes the message triptych.transcoding.v1.Reply, in binary.
func Reply(rpc string, request []byte) []byte {
	var arrived []byte
	arrived = protowire.AppendTag(arrived, 1, protowire.BytesType)
	arrived = protowire.AppendString(arrived, rpc)
	arrived = protowire.AppendTag(arrived, 2, protowire.BytesType)
	arrived = protowire.AppendBytes(arrived, request)
	var reply []byte
	for _, field := range []protowire.Number{1, 2} {
		reply = protowire.AppendTag(reply, field, protowire.BytesType)
		reply = protowire.AppendBytes(reply, arrived)
	}
	reply = protowire.AppendTag(reply, 3, protowire.BytesType)
	return protowire.AppendBytes(reply, request)
}

// Serve serves a handler on a free port of the loopback address, and prints the URL.
func Serve(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Check(err)
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	Check(server.Serve(listener))
}

// Check ends the program if there is an error.
func Check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
