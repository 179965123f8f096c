// A peer for the bench: what a Go team would write instead of the edge. It speaks the same two protocols as the
// edge (POST /v1/votes with JSON, and votewire.v1.VoteService/CastVote over grpc-go), checks that a vote has its three
// fields, writes it with one XADD and answers with the entry's id as the receipt. It has no contests, batches or
// group commit and counts nothing, so it does less than the edge.
//
// REDIS_ADDR, HTTP_ADDR and GRPC_ADDR are its addresses.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

const maxBody = 4096

type vote struct {
	Contest string `json:"contest"`
	Choice  string `json:"choice"`
	Voter   string `json:"voter"`
}

type peer struct{ redis *redis.Client }

// store validates a vote and appends it to the stream; the entry's id is the receipt.
func (p *peer) store(ctx context.Context, v vote) (string, error) {
	if v.Contest == "" || v.Choice == "" || v.Voter == "" {
		return "", errors.New("contest, choice and voter are required")
	}
	return p.redis.XAdd(ctx, &redis.XAddArgs{
		Stream: "peer:votes",
		MaxLen: 100_000,
		Approx: true,
		Values: []string{"contest", v.Contest, "choice", v.Choice, "voter", v.Voter},
	}).Result()
}

func (p *peer) handleHTTP(w http.ResponseWriter, r *http.Request) {
	var v vote
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&v); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id, err := p.store(r.Context(), v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	json.NewEncoder(w).Encode(map[string]string{"receipt": id, "status": "queued"})
}

// castVote answers CastVote on raw bytes, so that the peer needs no generated code.
func (p *peer) castVote(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var request rawMessage
	if err := decode(&request); err != nil {
		return nil, err
	}
	v, err := parseCastVote(request)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	id, err := p.store(ctx, v)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	response := rawMessage(protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), id))
	response = protowire.AppendVarint(protowire.AppendTag(response, 2, protowire.VarintType), 1)
	return &response, nil
}

// parseCastVote reads CastVoteRequest { Vote vote = 1 } with Vote { contest = 1, choice = 2, voter = 3 }.
func parseCastVote(b []byte) (v vote, err error) {
	err = eachField(b, func(number protowire.Number, value []byte) error {
		if number != 1 {
			return nil
		}
		return eachField(value, func(number protowire.Number, value []byte) error {
			switch number {
			case 1:
				v.Contest = string(value)
			case 2:
				v.Choice = string(value)
			case 3:
				v.Voter = string(value)
			}
			return nil
		})
	})
	return v, err
}

// eachField calls visit for every length-delimited field and skips the others.
func eachField(b []byte, visit func(protowire.Number, []byte) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
				return protowire.ParseError(n)
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := visit(number, value); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// rawMessage and rawCodec pass a message's bytes through unchanged.
type rawMessage []byte

type rawCodec struct{}

func (rawCodec) Name() string                  { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*rawMessage), nil }
func (rawCodec) Unmarshal(data []byte, v any) error {
	*v.(*rawMessage) = append(rawMessage(nil), data...)
	return nil
}

func main() {
	p := &peer{redis: redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDR"), PoolSize: 32})}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/votes", p.handleHTTP)
	go func() { log.Fatal(http.ListenAndServe(os.Getenv("HTTP_ADDR"), mux)) }()

	encoding.RegisterCodec(rawCodec{})
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "votewire.v1.VoteService",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "CastVote", Handler: p.castVote}},
	}, struct{}{})
	listener, err := net.Listen("tcp", os.Getenv("GRPC_ADDR"))
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(listener))
}
