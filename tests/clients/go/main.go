// Calls VoteService with grpc-go: 1,000 unary calls at once, then keepalive pings, then another call. Prints how many
// calls succeeded.
package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

type rawCodec struct{}

func (rawCodec) Name() string                       { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v any) error { *v.(*[]byte) = append([]byte(nil), data...); return nil }

func main() {
	message, err := hex.DecodeString(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	conn, err := grpc.NewClient(os.Args[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: time.Second, PermitWithoutStream: true}))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	var succeeded atomic.Int64
	cast := func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		var answer []byte
		if err := conn.Invoke(ctx, "/votewire.v1.VoteService/CastVote", &message, &answer); err != nil {
			log.Print(err)
			return
		}
		succeeded.Add(1)
	}
	var calls sync.WaitGroup
	for range 1000 {
		calls.Add(1)
		go func() {
			defer calls.Done()
			cast()
		}()
	}
	calls.Wait()
	time.Sleep(11 * time.Second)
	cast()
	fmt.Println(succeeded.Load())
}
