import { readEdgeUrl } from '../addresses.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { describeResults, type ResultsView } from '../print-results.ts';
import { request } from '../request.ts';

/** `votewire results <contest>`: prints the current results. */
export const command = defineCommand({
  positionals: '<contest>',
  description: 'Prints the current results of a contest. Exit code 1: there is no such contest.',
  options: {
    edge: { type: 'string', value: '<url>', help: 'Address of the edge; EDGE_URL, or http://127.0.0.1:PORT' },
    json: { type: 'boolean', help: 'Print the results as JSON' },
  },
  async run({ env, values, positionals: [contest, ...more], print, signal }) {
    if (contest === undefined || more.length > 0) throw new UsageError('Expected one contest');
    const url = `${readEdgeUrl(env, values.edge)}/v1/contests/${encodeURIComponent(contest)}/results`;
    const results = (await (await request(url, { signal })).json()) as ResultsView;
    print(values.json ? JSON.stringify(results) : describeResults(results));
    return EXIT.ok;
  },
});
