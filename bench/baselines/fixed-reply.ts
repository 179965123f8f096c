/** The answer of every baseline server: a receipt of the real length. */
export const RECEIPT = 'A'.repeat(48);

export const JSON_REPLY = JSON.stringify({ receipt: RECEIPT, status: 'queued' });

/** The answer to a fully accepted batch over HTTP; the receipt is for the single vote that probes the server. */
export const batchReply = (votes: number) => JSON.stringify({ accepted: votes, receipt: RECEIPT });

/** CastVoteResponse { receipt, status: QUEUED } in a gRPC frame. */
export const GRPC_REPLY = Buffer.concat([
  Buffer.from([0, 0, 0, 0, RECEIPT.length + 4, 0x0a, RECEIPT.length]),
  Buffer.from(RECEIPT),
  Buffer.from([0x10, 1]),
]);
