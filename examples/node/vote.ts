/** Casts a vote over gRPC and prints the results: vote.ts <edge> <contest> <choice> <voter> */
import { setTimeout as delay } from 'node:timers/promises';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';

const [baseUrl = 'http://localhost:8080', contest = 'cats-vs-dogs', choice = 'cats', voter = 'node-voter'] =
  process.argv.slice(2);
const client = createClient(VoteService, createGrpcTransport({ baseUrl }));

// A newer vote of the same voter needs a larger sequence; a retry of this vote needs the same one.
const vote = { contest, choice, voter, sequence: BigInt(Date.now()) };

const { receipt, status } = await untilKnown(() => client.castVote({ vote, wait: true }, { timeoutMs: 15_000 }));
console.log(`${Object.entries(Status).find(([, value]) => value === status)?.[0]} ${receipt}`);
const { results } = await client.getResults({ contest });
for (const { id, count } of results?.options ?? []) console.log(`${id}: ${count}`);
console.log(`total: ${results?.total}`);

/**
 * Retries while the outcome is unknown: the vote may be stored although the answer was lost, and a repeat is harmless.
 */
async function untilKnown<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isUnknown = [Code.Unavailable, Code.DeadlineExceeded].includes(ConnectError.from(error).code);
      if (!isUnknown || attempt === 5) throw error;
      await delay(attempt * 500);
    }
  }
}
