import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { readEdgeUrl } from '../addresses.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { describeResults } from '../print-results.ts';
import { rpcError } from '../rpc-error.ts';

/** `votewire watch <contest>`: prints the results now and after each change, until Ctrl-C. */
export const command = defineCommand({
  positionals: '<contest>',
  description:
    'Prints the results of a contest now and after each change, over gRPC, until Ctrl-C. Exit code 1: there\nis no such contest, or its results are hidden.',
  options: {
    edge: { type: 'string', value: '<url>', help: 'Address of the edge; EDGE_URL, or http://127.0.0.1:PORT' },
    json: { type: 'boolean', help: 'Print one JSON object per line' },
  },
  async run({ env, values, positionals: [contest, ...more], print, signal }) {
    if (contest === undefined || more.length > 0) throw new UsageError('Expected one contest');
    const baseUrl = readEdgeUrl(env, values.edge);
    const transport = createGrpcTransport({ baseUrl });
    try {
      for await (const { results } of createClient(VoteService, transport).watchResults({ contest }, { signal })) {
        if (results === undefined) continue;
        const options = results.options.map(({ id, label, count }) => ({ id, label, count: Number(count) }));
        const view = { contest, status: results.status, total: Number(results.total), options };
        print(values.json ? JSON.stringify(view) : describeResults(view));
      }
      return EXIT.ok;
    } catch (error) {
      if (signal.aborted) return EXIT.ok;
      throw rpcError(error, baseUrl);
    }
  },
});
