"""Votes of the bands contest, and the few protobuf messages that casting one needs.

The messages are small enough to write by hand, so that the load test needs no generated code. Their fields are in
proto/votewire/v1.
"""

import random
import uuid

BANDS = {
    "alux-nahual": ("Alto al fuego", 1987),
    "bohemia-suburbana": ("Sombras en el jardín", 1993),
    "malacates-trebol-shop": ("Paquetecuete", 1999),
    "viento-en-contra": ("Vía láctea", 2002),
    "el-tambor-de-la-tribu": ("El ciclo", 2003),
    "viernes-verde": ("Nivel", 1996),
    "la-tona": ("Tona", 1996),
    "radio-viejo": ("Radio Viejo", 2004),
}


def random_vote():
    """One vote as JSON shows it: {name, album, year, rank} of the contest's records, with the name as the choice."""
    name, (album, year) = random.choice(list(BANDS.items()))
    return {
        "contest": "bandas",
        "choice": name,
        "voter": uuid.uuid4().hex,
        "attributes": {"album": album, "year": str(year), "rank": str(random.randint(1, 10))},
    }


def encode_cast_vote_request(vote):
    """CastVoteRequest { Vote vote = 1 }; Vote { contest = 1, choice = 2, voter = 3, map<string, string> attributes = 4 }"""
    fields = [_text(1, vote["contest"]), _text(2, vote["choice"]), _text(3, vote["voter"])]
    for key, value in vote["attributes"].items():
        fields.append(_bytes(4, _text(1, key) + _text(2, value)))
    return _bytes(1, b"".join(fields))


def decode_receipt(response):
    """The receipt (field 1) of a CastVoteResponse; it is the first field that the edge writes."""
    if len(response) < 2 or response[0] != 0x0A:
        raise ValueError("a CastVoteResponse without a receipt")
    return response[2 : 2 + response[1]].decode()


def _text(number, text):
    return _bytes(number, text.encode())


def _bytes(number, value):
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(value):
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
