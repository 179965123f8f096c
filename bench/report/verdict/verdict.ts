import { difference } from '../../statistics/difference.ts';
import { amount, percent, range } from '../format.ts';
import type { BenchSettings, Row, VerdictLine } from '../report.ts';
import { codecLines } from './codec-verdict.ts';
import { arrivals, costLines } from './monthly-cost.ts';
import { describeWork, type PathPair, pathPairs, sameWork } from './path-pairs.ts';
import { reasonLines } from './reason-verdict.ts';
import { remoteLines } from './remote-verdict.ts';

/** A server that is sent as much as it takes uses its whole core, where nothing else holds it up. */
const ENOUGH_CPU = 0.8;

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
    ...batchingLines(usable, pairs),
    ...(settings.target === null ? [] : remoteLines(rows)),
    ...latencyLines(rows.filter((row) => row.valid)),
    ...costLines(pairs, usable, settings),
    ...cautions(rows, settings),
  ];
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
  return `${percent(Math.abs(1 - cheaperRatio(pair)))} (${describeWork(pair)})`;
}

/** The cheaper path's CPU as a share of the dearer one's. */
function cheaperRatio({ cpu }: PathPair): number {
  return cpu.ratio.median > 1 ? 1 / cpu.ratio.median : cpu.ratio.median;
}

function pathLine(pair: PathPair): VerdictLine {
  const { http, grpc, cpu } = pair;
  const rows = [http.id, grpc.id];
  const figures = `HTTP + WASM ${estimateText(http)}, gRPC ${estimateText(grpc)} CPU-s per million votes`;
  const work = describeWork(pair);
  if (cpu.lower === 'none')
    return { kind: 'path', text: `${work}: no difference (${figures}; the intervals overlap).`, rows };
  const winner = cpu.lower === 'a' ? 'HTTP + WASM' : 'gRPC';
  // Of the dearer path's CPU, how much the cheaper one saves, with the interval of the rounds.
  const saved =
    cpu.lower === 'a' ? [1 - 1 / cpu.ratio.low, 1 - 1 / cpu.ratio.high] : [1 - cpu.ratio.high, 1 - cpu.ratio.low];
  const [low = 0, high = 0] = saved;
  const by = `${percent(1 - cheaperRatio(pair))} less CPU (${range(low * 100, high * 100)} %)`;
  return { kind: 'path', text: `${work}: ${winner}, ${by}: ${figures}.`, rows };
}

function estimateText({ cpuSecondsPerMillion: cpu }: Row): string {
  return cpu ? `${amount(cpu.median)} (${range(cpu.low, cpu.high)})` : 'unknown';
}

/** What batching does to a path at the same number of connections, beside what the choice of path does; and streams. */
function batchingLines(rows: readonly Row[], pairs: readonly PathPair[]): VerdictLine[] {
  const of = (transport: Row['transport'], mode: string, connections: number, streams = 1) =>
    rows.find(
      (row) =>
        row.transport === transport &&
        row.mode === mode &&
        row.connections === connections &&
        row.streams === streams &&
        row.runtime === 'node' &&
        row.rung === 'edge' &&
        row.load === 'closed' &&
        row.payload === 'small' &&
        row.contest === 'bandas' &&
        row.rounds.length > 1 &&
        row.codec === (transport === 'http1' ? 'wasm' : 'typescript'),
    );
  const byPath = Math.max(1, ...pairs.map(({ cpu }) => Math.max(cpu.ratio.median, 1 / cpu.ratio.median)));
  const lines = (['http1', 'grpc'] as const).flatMap((transport): VerdictLine[] => {
    const [single, batch] = [of(transport, 'single', 8), of(transport, 'batch-100', 8)];
    if (!single?.cpuSecondsPerMillion || !batch?.cpuSecondsPerMillion) return [];
    const [a, b] = [single.cpuSecondsPerMillion, batch.cpuSecondsPerMillion];
    const times = a.median / b.median;
    const name = transport === 'http1' ? 'HTTP + WASM' : 'gRPC';
    const more = times > byPath ? `: more than the choice of path ever does (${amount(byPath)}-fold at most)` : '';
    const text = `Batches of 100 cut the CPU of ${name} ${amount(times)}-fold (${range(a.low / b.high, a.high / b.low)}) over the same 8 connections${more}.`;
    return [{ kind: 'batching', text, rows: [single.id, batch.id] }];
  });
  const [stream, ndjson] = [of('grpc', 'stream-100', 4, 16), of('http1', 'batch-100', 64)];
  if (stream?.cpuSecondsPerMillion && ndjson?.cpuSecondsPerMillion) {
    const { lower } = difference(ndjson.cpuSecondsPerMillion, stream.cpuSecondsPerMillion);
    const told = { a: 'NDJSON costs less', b: 'the stream costs less', none: 'no difference shows' }[lower];
    const text = `100 votes a message, 64 messages in flight: ${told}: NDJSON over HTTP ${estimateText(ndjson)}, gRPC's StreamVotes ${estimateText(stream)} CPU-s per million votes.`;
    lines.push({ kind: 'batching', text, rows: [ndjson.id, stream.id] });
  }
  return lines;
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
          text: `At ${arrivals(http)}: ${told} (${figures}).`,
          rows: [http.id, grpc.id],
        },
      ];
    });
}

function cautions(rows: readonly Row[], settings: BenchSettings): VerdictLine[] {
  const lines: VerdictLine[] = [];
  const fewest = Math.min(settings.rounds, ...rows.map(({ rounds }) => rounds.length));
  if (fewest < 5) {
    const text =
      'Few rounds: an interval is the range of so many values, and one round alone is not compared. Five or more rounds make a verdict to rely on.';
    lines.push({ kind: 'caution', text, rows: [] });
  }
  if (settings.target !== null) {
    const text =
      'The CPU and the streams of an edge elsewhere are out of sight: votes a second stand in for the cost, and votes were not checked against the stream.';
    lines.push({ kind: 'caution', text, rows: [] });
  }
  if (settings.interrupted) {
    const done = Math.max(0, ...rows.map(({ rounds }) => rounds.length));
    const text = `Stopped in round ${done} of ${settings.rounds}: what was not measured is not here.`;
    lines.push({ kind: 'caution', text, rows: [] });
  }
  if (settings.laterMeasureMs < settings.measureMs) {
    const text = `This machine was slow: to end in time, ${amount(settings.laterMeasureMs / 1000)} s were measured in the rounds after the first, and not ${amount(settings.measureMs / 1000)} s.`;
    lines.push({ kind: 'caution', text, rows: [] });
  }
  const foreign = rows.filter(({ driver }) => driver !== 'own');
  if (foreign.length > 0) {
    const text = `${foreign.length} of ${rows.length} rows were sent by ${settings.driver}, which sends one body again and again and decodes no reply; the own driver sent the rest.`;
    lines.push({ kind: 'caution', text, rows: foreign.map(({ id }) => id) });
  }
  if (settings.cutShort) {
    lines.push({
      kind: 'caution',
      text: 'The minute was over before the last round: this machine was busy.',
      rows: [],
    });
  }
  const waiting = rows.filter(
    (row) =>
      row.rung === 'edge' && row.load === 'closed' && row.serverCpuShare !== null && row.serverCpuShare < ENOUGH_CPU,
  );
  if (waiting.length > 0) {
    const text = `In ${waiting.length} rows the server used less than ${percent(ENOUGH_CPU)} of its core, although it was sent all that it takes: on few cores the driver, Redis and the consumer hold it up, and votes/s say what the machine can do, not the server. A server that waits now and then costs more CPU a vote than a busy one.`;
    lines.push({ kind: 'caution', text, rows: waiting.map(({ id }) => id) });
  }
  const invalid = rows.filter(({ valid }) => !valid).map(({ id }) => id);
  if (invalid.length > 0) {
    const text = `${invalid.length} of ${rows.length} rows are invalid and took no part in the verdict.`;
    lines.push({ kind: 'caution', text, rows: invalid });
  }
  return lines;
}
