import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { printHelp } from '../../tools/print-help.ts';
import { VoteClient } from '../faults/load/vote-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { startMonitoredSystem } from './monitored-system.ts';
import { checkMetrics, type Prometheus, startPrometheus, testAlerts } from './prometheus.ts';

printHelp(`npm run test:monitoring   runs every query of every Grafana panel against Prometheus, at two scrape intervals

Takes two minutes; needs prometheus on PATH. Exit codes: 0 every panel has data, 1 otherwise.`);

/**
 * `npm run test:monitoring`: Prometheus scrapes every process every 5 s and every 30 s. Every query of every Grafana
 * panel must have data at both intervals, and two dashboards must not double any value. Takes two minutes; needs
 * Debian's package prometheus.
 */
const GRAFANA = join(import.meta.dirname, '../../deploy/grafana');
const INTERVALS = [5, 30];
const VOTE_EVERY_MS = 50;
const CONTEST = 'bandas';

interface Dashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

await using system = await startMonitoredSystem();
await using opened = new AsyncDisposableStack();
const all: Prometheus[] = [];
for (const intervalSeconds of INTERVALS) {
  all.push(opened.use(await startPrometheus({ dir: system.dir, intervalSeconds, targets: system.targets })));
}
const load = castVotes();
const page = askForPages();
const queries = panelQueries();
assert.ok(queries.length > 10, 'the dashboards have queries');
for (const prometheus of all) {
  const { intervalSeconds } = prometheus;
  const missing = new Set(queries);
  // Two scrapes for a rate, a third for series that appear with the first votes, and Prometheus's scrape offset.
  await waitFor(
    async () => {
      for (const query of missing) if (await hasData(prometheus, query)) missing.delete(query);
      return missing.size === 0;
    },
    { what: 'every panel has data', timeoutMs: 4 * intervalSeconds * 1000 },
  ).catch(() => undefined);
  assert.deepEqual([...missing], [], `panels without data at ${intervalSeconds} s`);
  console.log(`${queries.length} of ${queries.length} panel queries have data at ${intervalSeconds} s`);
}
page.stop();
const votes = await load.stop();
for (const prometheus of all) {
  const counted = async () => (await prometheus.query('max(votewire_ledger_votes{column="counted"})'))[0]?.value;
  await waitFor(async () => (await counted()) === votes, {
    what: `the panel Counted shows ${votes} votes`,
    timeoutMs: 2 * prometheus.intervalSeconds * 1000 + 10_000,
  });
  const processes = 'max(votewire_processes_alive{role="consumer"})';
  assert.equal((await prometheus.query(processes))[0]?.value, 1, 'two dashboards see one consumer');
  assert.equal((await prometheus.query('count(votewire_processes_alive{role="consumer"})'))[0]?.value, 2);
  const shown = await prometheus.query(`sum(max by (contest, option) (votewire_contest_votes{contest="${CONTEST}"}))`);
  assert.equal(shown[0]?.value, votes, 'the contest board shows each vote once');
  console.log(`two dashboards double nothing at ${prometheus.intervalSeconds} s: ${votes} votes, 1 consumer`);
}
for (const address of Object.values(system.targets).flat()) {
  assert.equal(
    checkMetrics(await (await fetch(`http://${address}/metrics`)).text()),
    '',
    `promtool check metrics: ${address}`,
  );
}
console.log(`promtool check metrics is silent for ${Object.values(system.targets).flat().length} processes`);
testAlerts();
console.log('promtool test rules: the alert tests pass');
console.log(`${2 * INTERVALS.length + 2} passed, 0 failed`);

async function hasData(prometheus: Prometheus, query: string): Promise<boolean> {
  const samples = await prometheus.query(query);
  return samples.some(({ value }) => Number.isFinite(value));
}

function panelQueries(): string[] {
  const files = readdirSync(GRAFANA).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(join(GRAFANA, file), 'utf8')) as Dashboard;
    // Replaces the dashboard's variable like Grafana.
    return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$contest', CONTEST)));
  });
}

/** Requests to the dashboards, one of which fails. */
function askForPages() {
  const timer = setInterval(() => {
    for (const address of system.targets.dashboard) {
      for (const path of ['/api/contests', '/api/nothing'])
        void fetch(`http://${address}${path}`).catch(() => undefined);
    }
  }, 1000);
  return { stop: () => clearInterval(timer) };
}

/** Casts votes over both transports, occasionally one that is rejected. */
function castVotes() {
  const client = new VoteClient(system.edgeUrl, 2000);
  let stopping = false;
  let accepted = 0;
  const working = (async () => {
    for (let n = 0; !stopping; n++) {
      const vote = {
        contest: n % 20 === 19 ? 'missing' : CONTEST,
        choice: 'la-tona',
        voter: `v${n}`,
        voteId: `v${n}`,
      };
      const attempt = {
        id: `a${n}`,
        ...vote,
        sequence: 0,
        path: n % 2 === 0 ? 'http' : 'grpc',
        outcome: 'pending',
      } as const;
      const sent: Parameters<VoteClient['submit']>[0] = { ...attempt };
      await client.submit(sent);
      if (sent.outcome === 'ok') accepted++;
      await delay(VOTE_EVERY_MS);
    }
    client.close();
  })();
  return {
    async stop() {
      stopping = true;
      await working;
      return accepted;
    },
  };
}
