import { findLogToken, readDashboardUrl } from '../addresses.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { request } from '../request.ts';

const FILTERS = ['contest', 'choice', 'voter', 'path', 'since', 'until'] as const;

/** `votewire logs`: reads, exports or follows the vote log. */
export const command = defineCommand({
  positionals: '',
  description: `Prints logged votes, one JSON object per line: the last ones, all matching ones (--export), or new ones as they
are logged (--follow, until Ctrl-C). Voters appear as a keyed hash.`,
  options: {
    contest: { type: 'string', value: '<id>', help: 'Only votes of this contest' },
    choice: { type: 'string', value: '<id>', help: 'Only votes for this choice' },
    voter: { type: 'string', value: '<id>', help: 'Only votes of this voter, by id or by hash' },
    path: { type: 'string', value: '<name>', help: 'Only votes over http, grpc or connect' },
    since: { type: 'string', value: '<time>', help: 'From this ISO 8601 time on' },
    until: { type: 'string', value: '<time>', help: 'Before this ISO 8601 time' },
    limit: { type: 'string', value: '<n>', help: 'How many of the last votes, 1 to 1,000 (default: 20)' },
    export: { type: 'string', value: '<format>', help: 'Print all matching votes as ndjson or csv' },
    follow: { type: 'boolean', short: 'f', help: 'Print new votes as they are logged' },
    token: {
      type: 'string',
      value: '<token>',
      help: 'READ_TOKEN, or an admin token: ADMIN_TOKEN or the one in DATA_DIR',
    },
    dashboard: { type: 'string', value: '<url>', help: 'DASHBOARD_URL, or http://127.0.0.1:DASHBOARD_PORT' },
  },
  async run({ env, values, positionals, print, signal }) {
    if (positionals.length > 0) throw new UsageError(`Unexpected argument "${positionals[0]}"`);
    if (values.follow && (values.export !== undefined || values.limit !== undefined))
      throw new UsageError('--follow cannot be combined with --export or --limit');
    const query = new URLSearchParams();
    for (const name of FILTERS) if (values[name] !== undefined) query.set(name, values[name]);
    const base = `${readDashboardUrl(env, values.dashboard)}/api/logs`;
    const token = values.token ?? findLogToken(env);
    const init: RequestInit = { signal, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } };
    if (values.follow) {
      await follow(`${base}/events?${query}`, print, init);
    } else if (values.export !== undefined) {
      query.set('format', values.export);
      for await (const line of linesOf(await request(`${base}/export?${query}`, init))) print(line);
    } else {
      if (values.limit !== undefined) query.set('limit', values.limit);
      const { items } = (await (await request(`${base}?${query}`, init)).json()) as { items: unknown[] };
      for (const vote of items) print(JSON.stringify(vote));
    }
    return EXIT.ok;
  },
});

async function follow(url: string, print: (line: string) => void, init: RequestInit): Promise<void> {
  let event = '';
  try {
    for await (const line of linesOf(await request(url, init))) {
      if (line.startsWith('event: ')) event = line.slice('event: '.length);
      if (event !== 'votes' || !line.startsWith('data: ')) continue;
      const data: unknown = JSON.parse(line.slice('data: '.length));
      for (const vote of Array.isArray(data) ? data : ((data as { items?: unknown[] }).items ?? [data]))
        print(JSON.stringify(vote));
    }
  } catch (error) {
    if (init.signal?.aborted !== true) throw error;
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map((line) => line.replace(/\r$/, ''));
  }
  if (rest !== '') yield rest;
}
