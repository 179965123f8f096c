import { readEdgeUrl } from '../addresses.ts';
import { type CommandContext, defineCommand, EXIT, type ExitCode, UsageError } from '../command.ts';
import { type CliVote, createCaster, TRANSPORTS, type Transport, type VoteOutcome } from '../vote/cast-vote.ts';

/** Votes in flight at once with `--count`. */
const IN_FLIGHT = 64;

/** `votewire vote <contest> <choice>`: casts one or many votes at an edge, over any transport. */
export const command = defineCommand({
  positionals: '<contest> <choice>',
  description: `Casts a vote at an edge and prints its receipt. With --count it casts votes for that many voters, named
<voter>-1, <voter>-2 and so on, and prints how many were stored. Exit code 1: rejected; 3: the outcome of a vote is
unknown, and a retry with the same --sequence or --vote-id is harmless.`,
  options: {
    voter: { type: 'string', value: '<id>', default: 'cli', help: 'Id of the voter' },
    transport: { type: 'string', short: 't', value: '<name>', default: 'http', help: TRANSPORTS.join(', ') },
    edge: { type: 'string', value: '<url>', help: 'Address of the edge; EDGE_URL, or http://127.0.0.1:PORT' },
    wait: { type: 'boolean', help: 'Answer after the vote is counted' },
    count: { type: 'string', value: '<n>', help: 'Cast votes for n voters, 1 to 1,000,000' },
    attribute: { type: 'string', short: 'a', multiple: true, value: '<k=v>', help: 'An attribute; repeatable' },
    'vote-id': {
      type: 'string',
      value: '<id>',
      help: 'A vote sent again with the same id counts once (open contests)',
    },
    sequence: { type: 'string', value: '<n>', help: 'Orders the votes of one voter: the largest counts' },
    json: { type: 'boolean', help: 'Print the result as JSON' },
  },
  async run({ values, positionals, ...context }) {
    const [contest, choice, ...more] = positionals;
    if (contest === undefined || choice === undefined || more.length > 0)
      throw new UsageError('Expected a contest and a choice');
    const transport = TRANSPORTS.find((name) => name === values.transport);
    if (transport === undefined)
      throw new UsageError(`--transport must be one of ${TRANSPORTS.join(', ')}; got "${values.transport}"`);
    const vote: CliVote = {
      ...{ contest, choice, voter: values.voter ?? '' },
      attributes: readAttributes(values.attribute ?? []),
      voteId: values['vote-id'] ?? '',
      sequence: readCount('--sequence', values.sequence, Number.MAX_SAFE_INTEGER) ?? 0,
    };
    const cast = createCaster(transport, readEdgeUrl(context.env, values.edge), context.signal);
    const count = readCount('--count', values.count, 1_000_000);
    if (count !== undefined) {
      return castMany((voter) => cast({ ...vote, voter }, values.wait ?? false), {
        ...{ voter: vote.voter, count, transport, json: values.json ?? false, context },
      });
    }
    const result = await cast(vote, values.wait ?? false);
    if (values.json) context.print(JSON.stringify(result));
    else if (result.outcome === 'ok') context.print(`${result.status} ${result.receipt}`);
    else context.warn(`${result.outcome}: ${result.message}`);
    return exitOf([result.outcome]);
  },
});

interface Series {
  readonly voter: string;
  readonly count: number;
  readonly transport: Transport;
  readonly json: boolean;
  readonly context: CommandContext;
}

async function castMany(cast: (voter: string) => Promise<VoteOutcome>, series: Series): Promise<ExitCode> {
  const { voter, count, transport, json, context } = series;
  const totals = { ok: 0, failed: 0, unknown: 0 };
  const messages = new Map<string, number>();
  let next = 1;
  const worker = async () => {
    while (next <= count && !context.signal.aborted) {
      const result = await cast(`${voter}-${next++}`);
      totals[result.outcome]++;
      if (result.outcome !== 'ok') messages.set(result.message, (messages.get(result.message) ?? 0) + 1);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, worker));
  const ms = Math.round(performance.now() - startedAt);
  const { ok, failed, unknown } = totals;
  if (json) context.print(JSON.stringify({ ...totals, transport, ms }));
  else context.print(`${ok} stored, ${failed} rejected, ${unknown} unknown over ${transport} in ${ms} ms`);
  for (const [message, times] of messages) context.warn(`${times} times: ${message}`);
  return exitOf([failed > 0 ? 'failed' : 'ok', unknown > 0 ? 'unknown' : 'ok']);
}

function exitOf(outcomes: readonly VoteOutcome['outcome'][]): ExitCode {
  if (outcomes.includes('unknown')) return EXIT.failed;
  return outcomes.includes('failed') ? EXIT.negative : EXIT.ok;
}

function readAttributes(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`--attribute must be key=value; got "${pair}"`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function readCount(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw new UsageError(`${name} must be an integer from 1 to ${max}; got "${text}"`);
}
