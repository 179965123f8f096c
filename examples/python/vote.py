"""Casts a vote over gRPC and prints the results: vote.py <address> <contest> <choice> <voter>"""

import sys
import time

import grpc
from votewire.v1 import service_pb2, service_pb2_grpc, vote_pb2

UNKNOWN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
ATTEMPTS = 5


def until_known(call):
    """Retries while the outcome is unknown: the vote may be stored, and a repeat is harmless."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except grpc.RpcError as error:
            if error.code() not in UNKNOWN or attempt == ATTEMPTS:
                raise
            time.sleep(attempt * 0.5)


def main(address="localhost:8080", contest="cats-vs-dogs", choice="cats", voter="python-voter"):
    with grpc.insecure_channel(address) as channel:
        service = service_pb2_grpc.VoteServiceStub(channel)
        # A newer vote of the same voter needs a larger sequence; a retry of this vote needs the same one.
        sequence = time.time_ns() // 1_000_000
        vote = vote_pb2.Vote(contest=contest, choice=choice, voter=voter, sequence=sequence)
        request = service_pb2.CastVoteRequest(vote=vote, wait=True)
        answer = until_known(lambda: service.CastVote(request, timeout=15))
        print(service_pb2.Status.Name(answer.status), answer.receipt)
        results = service.GetResults(service_pb2.GetResultsRequest(contest=contest), timeout=15).results
        for option in results.options:
            print(f"{option.id}: {option.count}")
        print(f"total: {results.total}")


if __name__ == "__main__":
    main(*sys.argv[1:])
