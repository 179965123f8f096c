// Casts a vote over gRPC and prints the results: go run . <address> <contest> <choice> <voter>
package main

//go:generate npx buf generate

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	votewire "votewire.example/v1"
)

const attempts = 5

func main() {
	address, contest := argument(1, "localhost:8080"), argument(2, "cats-vs-dogs")
	choice, voter := argument(3, "cats"), argument(4, "go-voter")
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	service := votewire.NewVoteServiceClient(conn)

	// A newer vote of the same voter needs a larger sequence; a retry of this vote needs the same one.
	vote := &votewire.Vote{Contest: contest, Choice: choice, Voter: voter, Sequence: uint64(time.Now().UnixMilli())}
	answer, err := castUntilKnown(service, &votewire.CastVoteRequest{Vote: vote, Wait: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Status, answer.Receipt)
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	results, err := service.GetResults(ctx, &votewire.GetResultsRequest{Contest: contest})
	if err != nil {
		log.Fatal(err)
	}
	for _, option := range results.Results.Options {
		fmt.Printf("%s: %d\n", option.Id, option.Count)
	}
	fmt.Printf("total: %d\n", results.Results.Total)
}

// castUntilKnown retries while the outcome is unknown: the vote may be stored although the answer was lost, and a repeat
// is harmless.
func castUntilKnown(service votewire.VoteServiceClient, request *votewire.CastVoteRequest) (*votewire.CastVoteResponse, error) {
	for attempt := 1; ; attempt++ {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		answer, err := service.CastVote(ctx, request)
		cancel()
		code := status.Code(err)
		isUnknown := code == codes.Unavailable || code == codes.DeadlineExceeded
		if !isUnknown || attempt == attempts {
			return answer, err
		}
		time.Sleep(time.Duration(attempt) * 500 * time.Millisecond)
	}
}

func argument(n int, otherwise string) string {
	if len(os.Args) > n {
		return os.Args[n]
	}
	return otherwise
}
