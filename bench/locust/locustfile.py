"""Drives both ingress paths of an edge with votes of the bands contest.

    locust -f bench/locust/locustfile.py                                       (then open http://localhost:8089)
    locust --headless -f bench/locust/locustfile.py -u 20 -r 10 -t 20s

VOTEWIRE_HTTP (default http://localhost:8080) and VOTEWIRE_GRPC (default localhost:8080) say where the edge is. Locust
shows that both paths work under the load of many users; for figures of cost use `npm run bench`, whose generator is
measured too.
"""

import os
import time

# Before grpc is imported by anything: its core must wait in gevent's loop, not block it.
import grpc.experimental.gevent as grpc_gevent

grpc_gevent.init_gevent()

import grpc  # noqa: E402
from locust import FastHttpUser, User, between, task  # noqa: E402
from votes import decode_receipt, encode_cast_vote_request, random_vote  # noqa: E402

HTTP_ORIGIN = os.environ.get("VOTEWIRE_HTTP", "http://localhost:8080")
GRPC_ADDRESS = os.environ.get("VOTEWIRE_GRPC", "localhost:8080")
CAST_VOTE = "/votewire.v1.VoteService/CastVote"


class HttpVoter(FastHttpUser):
    """Votes with JSON over HTTP; the edge encodes the vote with its WebAssembly codec."""

    host = HTTP_ORIGIN
    wait_time = between(0.05, 0.2)

    @task
    def vote(self):
        with self.client.post("/v1/votes", json=random_vote(), catch_response=True) as response:
            if response.status_code != 202:
                response.failure(f"status {response.status_code}: {response.text}")
            elif not response.json().get("receipt"):
                response.failure("no receipt")


class GrpcVoter(User):
    """Votes with CastVote over gRPC."""

    host = f"grpc://{GRPC_ADDRESS}"
    wait_time = between(0.05, 0.2)

    def on_start(self):
        self.channel = grpc.insecure_channel(GRPC_ADDRESS)
        self.cast_vote = self.channel.unary_unary(
            CAST_VOTE, request_serializer=encode_cast_vote_request, response_deserializer=decode_receipt
        )

    def on_stop(self):
        self.channel.close()

    @task
    def vote(self):
        started = time.perf_counter()
        receipt, error = "", None
        try:
            receipt = self.cast_vote(random_vote(), timeout=5)
            if not receipt:
                error = ValueError("no receipt")
        except (grpc.RpcError, ValueError) as caught:
            error = caught
        self.environment.events.request.fire(
            request_type="gRPC",
            name=CAST_VOTE,
            response_time=(time.perf_counter() - started) * 1000,
            response_length=len(receipt),
            response=receipt,
            exception=error,
            context={},
        )
