"""Calls VoteService with grpcio: unary, with gzip, as a stream, and after keepalive pings. Prints what it received."""

import sys
import time

import grpc

address, unary, streamed = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
options = [
    ("grpc.keepalive_time_ms", 200),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
]
with grpc.insecure_channel(address, options=options) as channel:
    service = "/votewire.v1.VoteService/"
    cast = channel.unary_unary(service + "CastVote")
    print("unary", cast(unary, timeout=10).hex())
    print("gzip", cast(unary, timeout=10, compression=grpc.Compression.Gzip).hex())
    stream = channel.stream_stream(service + "StreamVotes")
    answers = list(stream((streamed for _ in range(100)), timeout=10))
    print("stream", answers[-1].hex())
    time.sleep(1.5)
    print("after pings", cast(unary, timeout=10).hex())
    try:
        cast(b"", timeout=10)
    except grpc.RpcError as error:
        print("refused", error.code().name)
