const VOTES = 0x0a; // field 1, length-delimited

/** Counts the votes of a StreamVotesRequest; undefined if it contains anything else or ends in the middle of a vote. */
export function countVotes(message: Uint8Array): number | undefined {
  let votes = 0;
  let at = 0;
  while (at < message.length) {
    if (message[at++] !== VOTES) return undefined;
    let length = message[at++] ?? Number.POSITIVE_INFINITY;
    if (length > 0x7f) {
      // No vote is long enough for a length of three bytes.
      const high = message[at++] ?? 0x80;
      if (high > 0x7f) return undefined;
      length = (length & 0x7f) | (high << 7);
    }
    at += length;
    votes++;
  }
  return at === message.length && votes > 0 ? votes : undefined;
}
