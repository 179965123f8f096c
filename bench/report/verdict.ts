import { type Difference, difference } from '../statistics/difference.ts';
import type { Estimate } from '../statistics/median.ts';
import { amount, money, percent, range } from './format.ts';
import { ladderOf } from './ladder.ts';
import type { BenchSettings, Row, VerdictLine } from './report.ts';

/** Seconds of a mean month. */
const SECONDS_PER_MONTH = 2_629_800;
/** Differences below this many US dollars a month do not matter to a choice. */
const NEGLIGIBLE_PER_MONTH = 1;
/** A server that is sent as much as it takes uses its whole core, where nobody else does. */
const ENOUGH_CPU = 0.8;

/** One point of comparison: the same work over both paths. */
export interface PathPair {
  readonly http: Row;
  readonly grpc: Row;
  readonly cpu: Difference;
}

/**
 * The verdict, from nothing but the rows: who wins where and by how much, what of it is the transport and what the
 * codec, which layer is the cause, what it costs a month, and when it does not matter.
 */
export function reachVerdict(rows: readonly Row[], settings: BenchSettings): VerdictLine[] {
  const usable = rows.filter((row) => row.valid && row.cpuSecondsPerMillion !== null);
  const pairs = pathPairs(usable);
  return [
    ...headline(pairs),
    ...pairs.map(pathLine),
    ...codecLines(usable),
    ...reasonLines(usable, pairs),
    ...batchingLines(usable),
    ...latencyLines(rows.filter((row) => row.valid)),
    ...costLines(pairs, settings),
    ...cautions(rows, settings),
  ];
}

/** HTTP + WASM beside gRPC + TypeScript, wherever both were measured at saturation with the same work. */
export function pathPairs(rows: readonly Row[]): PathPair[] {
  // One round has no interval, and so can't tell a difference from noise.
  const closed = rows.filter((row) => row.load === 'closed' && row.rung === 'edge' && row.rounds.length > 1);
  return closed
    .filter((row) => row.transport === 'http1' && row.codec === 'wasm')
    .flatMap((http) => {
      const grpc = closed.find((row) => row.transport === 'grpc' && row.codec === 'typescript' && sameWork(row, http));
      return grpc ? [{ http, grpc, cpu: cpuDifference(http, grpc) }] : [];
    });
}

function sameWork(a: Row, b: Row): boolean {
  const work = (r: Row) => [r.runtime, r.mode, r.payload, r.contest, r.connections, r.streams].join();
  return work(a) === work(b);
}

/** `b` beside `a`, by the server's CPU; the ratio's interval comes from the rounds that both have. */
export function cpuDifference(a: Row, b: Row): Difference {
  const none: Estimate = { median: Number.NaN, low: Number.NaN, high: Number.NaN };
  const rounds = a.rounds.flatMap((round): [number, number][] => {
    const other = b.rounds.find((candidate) => candidate.round === round.round)?.cpuSecondsPerMillion;
    return round.cpuSecondsPerMillion !== null && other ? [[round.cpuSecondsPerMillion, other]] : [];
  });
  return difference(a.cpuSecondsPerMillion ?? none, b.cpuSecondsPerMillion ?? none, rounds);
}

function headline(pairs: readonly PathPair[]): VerdictLine[] {
  if (pairs.length === 0) return [];
  const wins = (side: 'a' | 'b' | 'none') => pairs.filter(({ cpu }) => cpu.lower === side);
  const sides = [
    { name: 'HTTP + WASM', won: wins('a') },
    { name: 'gRPC', won: wins('b') },
  ].sort((a, b) => b.won.length - a.won.length);
  const [first, second] = sides;
  const ties = wins('none').length;
  const parts = [`${first?.name} costs less CPU in ${first?.won.length} of ${pairs.length} comparisons`];
  if (second && second.won.length > 0) parts.push(`${second.name} in ${second.won.length}`);
  if (ties > 0) parts.push(`${ties} show no difference`);
  const text =
    first?.won.length === 0
      ? `No difference in CPU between HTTP + WASM and gRPC in any of ${pairs.length} comparisons.`
      : `${parts.join(', ')}; the widest gap is ${widest(pairs)}.`;
  return [{ kind: 'headline', text, rows: pairs.flatMap(({ http, grpc }) => [http.id, grpc.id]) }];
}

function widest(pairs: readonly PathPair[]): string {
  const gap = (pair: PathPair) => Math.abs(Math.log(pair.cpu.ratio.median));
  const pair = pairs.filter(({ cpu }) => cpu.lower !== 'none').reduce((a, b) => (gap(b) > gap(a) ? b : a));
  return `${percent(Math.abs(1 - cheaperRatio(pair)))} (${describeWork(pair.http)})`;
}

/** The cheaper path's CPU as a share of the dearer one's. */
function cheaperRatio({ cpu }: PathPair): number {
  return cpu.ratio.median > 1 ? 1 / cpu.ratio.median : cpu.ratio.median;
}

function pathLine({ http, grpc, cpu }: PathPair): VerdictLine {
  const rows = [http.id, grpc.id];
  const figures = `HTTP + WASM ${estimateText(http)}, gRPC ${estimateText(grpc)} CPU-s per million votes`;
  const work = describeWork(http);
  if (cpu.lower === 'none')
    return { kind: 'path', text: `${work}: no difference (${figures}; the intervals overlap).`, rows };
  const winner = cpu.lower === 'a' ? 'HTTP + WASM' : 'gRPC';
  // Of the dearer path's CPU, how much the cheaper one saves, with the interval of the rounds.
  const saved =
    cpu.lower === 'a' ? [1 - 1 / cpu.ratio.low, 1 - 1 / cpu.ratio.high] : [1 - cpu.ratio.high, 1 - cpu.ratio.low];
  const [low = 0, high = 0] = saved;
  const by = `${percent(1 - cheaperRatio({ http, grpc, cpu }))} less CPU (${range(low * 100, high * 100)} %)`;
  return { kind: 'path', text: `${work}: ${winner}, ${by}: ${figures}.`, rows };
}

function estimateText({ cpuSecondsPerMillion: cpu }: Row): string {
  return cpu ? `${amount(cpu.median)} (${range(cpu.low, cpu.high)})` : 'unknown';
}

const RUNTIMES = { node: 'Node', bun: 'Bun', deno: 'Deno', go: 'Go' } as const;

/** What the work was, for a person: `Node, batches of 100, 8 connections`. */
export function describeWork(row: Row): string {
  const [kind, count] = row.mode.split('-');
  const size = Number(count).toLocaleString('en');
  const mode =
    kind === 'single' ? 'single votes' : kind === 'batch' ? `batches of ${size}` : `a stream, ${size} a message`;
  const streams = row.streams > 1 ? ` x ${row.streams}` : '';
  const extra = [
    row.payload === 'attributes' ? 'with album, year and rank' : '',
    row.contest === 'bandas' ? '' : 'one vote per voter',
  ].filter(Boolean);
  const connections = `${row.connections}${streams} connection${row.connections > 1 ? 's' : ''}`;
  return [RUNTIMES[row.runtime], mode, connections, ...extra].join(', ');
}

/** Transport and codec told apart: the codec's effect at each transport, and the transports' spread at each codec. */
function codecLines(rows: readonly Row[]): VerdictLine[] {
  const cells = rows.filter(({ scenario }) => scenario === 'transport');
  const effects = (['http1', 'http2', 'grpc', 'connect'] as const).flatMap((transport) => {
    const wasm = cells.find((row) => row.transport === transport && row.codec === 'wasm');
    const typescript = cells.find((row) => row.transport === transport && row.codec === 'typescript');
    if (!wasm?.cpuSecondsPerMillion || !typescript?.cpuSecondsPerMillion) return [];
    const worth = typescript.cpuSecondsPerMillion.median - wasm.cpuSecondsPerMillion.median;
    return [
      { transport, worth, tells: cpuDifference(wasm, typescript).lower !== 'none', ids: [wasm.id, typescript.id] },
    ];
  });
  if (effects.length < 2) return [];
  const medians = (codec: Row['codec']) =>
    cells.filter((row) => row.codec === codec).map((row) => row.cpuSecondsPerMillion?.median ?? Number.NaN);
  const spread = Math.max(
    ...(['wasm', 'typescript'] as const).map((codec) => Math.max(...medians(codec)) - Math.min(...medians(codec))),
  );
  const rowIds = effects.flatMap(({ ids }) => ids);
  const told = effects.filter(({ tells }) => tells);
  const transport = `Swapping the transport alone changes them by up to ${amount(spread)} CPU-s per million`;
  if (told.length === 0) {
    const text = `The codec makes no difference to single votes: WASM and TypeScript overlap on every transport. ${transport}.`;
    return [{ kind: 'codec', text, rows: rowIds }];
  }
  const worths = told.map(({ worth }) => worth);
  const size = range(Math.min(...worths), Math.max(...worths));
  const choice =
    spread > 3 * Math.max(...worths.map(Math.abs))
      ? 'The choice is one of transport, not of codec.'
      : 'Both choices count.';
  const text = `WASM instead of TypeScript saves ${size} CPU-s per million single votes on ${told.length} of ${effects.length} transports, and makes no difference on the others. ${transport}. ${choice}`;
  return [{ kind: 'codec', text, rows: rowIds }];
}

/** For single votes on Node: which rung of the ladder makes the gap. */
function reasonLines(rows: readonly Row[], pairs: readonly PathPair[]): VerdictLine[] {
  const pair = pairs.find(({ http }) => http.scenario === 'transport');
  const [http, grpc] = [ladderOf(rows, 'http1'), ladderOf(rows, 'grpc')];
  if (!pair || http.length < 2 || grpc.length < 2) return [];
  const share = (steps: typeof http) => steps.map(({ label, adds }) => `${label} ${amount(adds)}`).join(' + ');
  const total = (steps: typeof http) => amount(steps.reduce((sum, { adds }) => sum + adds, 0));
  const ids = [...http, ...grpc].map(({ row }) => row);
  const ladder = `HTTP + WASM: ${share(http)} = ${total(http)}; gRPC: ${share(grpc)} = ${total(grpc)} CPU-s per million`;
  const lines: VerdictLine[] = [
    { kind: 'reason', text: `Where the time goes, single votes on Node. ${ladder}.`, rows: ids },
  ];
  const gap = Math.abs(pair.cpu.ratio.median - 1);
  // Where more work costs less, the rungs stand in the noise, and a cause named from them would be made up.
  const noisy = [...http, ...grpc].some(({ adds }) => adds < -0.05 * (pair.http.cpuSecondsPerMillion?.median ?? 0));
  if (noisy) {
    lines.push({
      kind: 'caution',
      text: 'A rung of the ladder costs less than the one below it: this run is too noisy to name a cause.',
      rows: ids,
    });
    return lines;
  }
  const layers = [...new Set([...http, ...grpc].map(({ layer }) => layer))].map((layer) => {
    const of = (steps: typeof http) =>
      steps.filter((step) => step.layer === layer).reduce((sum, { adds }) => sum + adds, 0);
    return { layer, gap: of(grpc) - of(http) };
  });
  const cause = layers.reduce((a, b) => (Math.abs(b.gap) > Math.abs(a.gap) ? b : a));
  if (gap > 0.2) {
    const side = cause.gap > 0 ? 'gRPC' : 'HTTP';
    const text = `The gap of ${percent(gap)} at single votes comes mostly from the ${cause.layer}: it costs ${side} ${amount(Math.abs(cause.gap))} CPU-s per million more.`;
    lines.push({ kind: 'reason', text, rows: ids });
  }
  return lines;
}

/** What batching does to a path, beside what the choice of path does. */
function batchingLines(rows: readonly Row[]): VerdictLine[] {
  const of = (transport: Row['transport'], mode: string) =>
    rows.find(
      (row) =>
        row.transport === transport &&
        row.mode === mode &&
        row.runtime === 'node' &&
        row.rung === 'edge' &&
        row.load === 'closed' &&
        row.payload === 'small' &&
        row.contest === 'bandas' &&
        row.codec === (transport === 'http1' ? 'wasm' : 'typescript') &&
        (mode !== 'single' || (row.connections === 64 && row.streams === 1)),
    );
  return (['http1', 'grpc'] as const).flatMap((transport): VerdictLine[] => {
    const single = of(transport, 'single');
    const batch = of(transport, 'batch-100');
    if (!single?.cpuSecondsPerMillion || !batch?.cpuSecondsPerMillion) return [];
    const times = single.cpuSecondsPerMillion.median / batch.cpuSecondsPerMillion.median;
    const name = transport === 'http1' ? 'HTTP + WASM' : 'gRPC';
    const text = `Batches of 100 cut the CPU of ${name} ${amount(times)}-fold: sending votes together matters more than how they are sent.`;
    return [{ kind: 'batching', text, rows: [single.id, batch.id] }];
  });
}

function latencyLines(rows: readonly Row[]): VerdictLine[] {
  const open = rows.filter(
    (row) => typeof row.load === 'number' && row.latencyMs !== null && row.p99Ms !== null && row.rounds.length > 1,
  );
  return open
    .filter(({ transport }) => transport === 'http1')
    .flatMap((http): VerdictLine[] => {
      const grpc = open.find((row) => row.transport === 'grpc' && row.load === http.load && sameWork(row, http));
      if (!grpc?.latencyMs || !http.latencyMs || !grpc.p99Ms || !http.p99Ms) return [];
      const { lower } = difference(http.p99Ms, grpc.p99Ms);
      const told = lower === 'none' ? 'no difference in p99' : `p99 lower over ${lower === 'a' ? 'HTTP' : 'gRPC'}`;
      const figures = `HTTP p50 ${amount(http.latencyMs.p50)}, p99 ${amount(http.latencyMs.p99)}; gRPC p50 ${amount(grpc.latencyMs.p50)}, p99 ${amount(grpc.latencyMs.p99)} ms`;
      return [
        {
          kind: 'latency',
          text: `At ${http.load.toLocaleString('en')} votes/s: ${told} (${figures}).`,
          rows: [http.id, grpc.id],
        },
      ];
    });
}

/** Dollars a month for one path's CPU at a rate of votes. */
export function monthlyCost(
  cpuSecondsPerMillion: number,
  settings: Pick<BenchSettings, 'cpuPrice' | 'votesPerSecond'>,
): number {
  return ((cpuSecondsPerMillion * settings.votesPerSecond * SECONDS_PER_MONTH) / 1e6) * settings.cpuPrice;
}

function costLines(pairs: readonly PathPair[], settings: BenchSettings): VerdictLine[] {
  return pairs
    .filter(({ http }) => http.scenario === 'transport' || http.mode === 'batch-100')
    .filter(({ http }) => http.runtime === 'node' && http.payload === 'small' && http.contest === 'bandas')
    .flatMap(({ http, grpc, cpu }): VerdictLine[] => {
      const costs = [http, grpc].map((row) => monthlyCost(row.cpuSecondsPerMillion?.median ?? Number.NaN, settings));
      const [ofHttp = Number.NaN, ofGrpc = Number.NaN] = costs;
      const rate = settings.votesPerSecond.toLocaleString('en');
      const rows = [http.id, grpc.id];
      const work = describeWork(http);
      const text = `${work}: ${rate} votes/s around the clock cost ${money(ofHttp)} a month over HTTP + WASM and ${money(ofGrpc)} over gRPC, at ${settings.cpuPrice} $ a vCPU-second.`;
      const lines: VerdictLine[] = [{ kind: 'cost', text, rows }];
      const gap = Math.abs(ofHttp - ofGrpc);
      const threshold = (settings.votesPerSecond * NEGLIGIBLE_PER_MONTH) / gap;
      const when =
        cpu.lower === 'none'
          ? `${work}: the choice does not matter to the bill: the data show no difference.`
          : `${work}: below ${amount(threshold)} votes/s the choice moves the bill by less than ${money(NEGLIGIBLE_PER_MONTH)} a month: choose by convenience.`;
      lines.push({ kind: 'indifferent', text: when, rows });
      return lines;
    });
}

function cautions(rows: readonly Row[], settings: BenchSettings): VerdictLine[] {
  const lines: VerdictLine[] = [];
  if (settings.rounds < 5) {
    const text =
      'Few rounds: an interval is the range of so many values, and one round alone is not compared. Five or more rounds make a verdict to rely on.';
    lines.push({ kind: 'caution', text, rows: [] });
  }
  if (settings.target !== null) {
    const text =
      'The CPU and the streams of an edge elsewhere are out of sight: nothing is said on cost, and votes were not checked against the stream.';
    lines.push({ kind: 'caution', text, rows: [] });
  }
  if (settings.cutShort) {
    lines.push({
      kind: 'caution',
      text: 'The minute was over before the last round: this machine was busy.',
      rows: [],
    });
  }
  const starved = rows.filter(
    (row) =>
      row.load === 'closed' && row.mode === 'single' && row.serverCpuShare !== null && row.serverCpuShare < ENOUGH_CPU,
  );
  if (starved.length > 0) {
    const text = `In ${starved.length} saturated rows the server got less than ${percent(ENOUGH_CPU)} of its core: something else ran on it. Throughput and latency are not to be relied on, and CPU figures less than usual.`;
    lines.push({ kind: 'caution', text, rows: starved.map(({ id }) => id) });
  }
  const invalid = rows.filter(({ valid }) => !valid).map(({ id }) => id);
  if (invalid.length > 0) {
    const text = `${invalid.length} of ${rows.length} rows are invalid and took no part in the verdict.`;
    lines.push({ kind: 'caution', text, rows: invalid });
  }
  return lines;
}
