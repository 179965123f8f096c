import { effectsOf, mainEffects } from '../effects.ts';
import { rowName, workName } from '../labels.ts';
import { amount, changeText, ratioText } from '../output/format.ts';
import type { BenchSettings, Effect, Row, VerdictLine } from '../report.ts';
import { cautions } from './cautions.ts';
import { whatDecides, whenItMatters, whichPath } from './summary.ts';

/** The verdict, derived only from the rows: three sentences, then the findings that support them. */
export function reachVerdict(rows: readonly Row[], settings: BenchSettings): VerdictLine[] {
  const effects = effectsOf(rows);
  const paths = effects.filter(({ factor }) => factor === 'path');
  const byId = (id: string) => rows.find((row) => row.id === id);
  return [
    ...whichPath(paths, byId),
    ...whatDecides(effects),
    ...whenItMatters(paths, byId, settings),
    ...paths.map((effect) => pathLine(effect, byId)),
    ...(['server', 'transport', 'encoding', 'codec', 'runtime', 'language'] as const).flatMap((factor) =>
      mainEffects(effects, factor).map((effect) => effectLine(effect)),
    ),
    ...effects.filter(({ factor }) => factor === 'shape').map((effect) => effectLine(effect, 'batching')),
    ...physicalLines(paths, byId),
    ...latencyLines(rows),
    ...cautions(rows, settings),
  ];
}

type Find = (id: string) => Row | undefined;

function pathLine(effect: Effect, byId: Find): VerdictLine {
  const [http, grpc] = [byId(effect.from), byId(effect.to)];
  const work = http && grpc ? workName(http, grpc) : effect.block;
  const figures = `${amount(http?.cpuSecondsPerMillion?.median ?? Number.NaN)} and ${amount(grpc?.cpuSecondsPerMillion?.median ?? Number.NaN)} CPU-s per million votes`;
  const answer =
    effect.cheaper === 'none'
      ? `about the same over HTTP + WASM and gRPC (${ratioText(effect.ratio)})`
      : effect.cheaper === 'from'
        ? `HTTP + WASM costs ${changeText(invert(effect.ratio))} than gRPC`
        : `gRPC costs ${changeText(effect.ratio)} than HTTP + WASM`;
  return { kind: 'path', text: `${work}: ${answer}; ${figures}.`, rows: [effect.from, effect.to] };
}

function invert({ median, low, high }: Effect['ratio']): Effect['ratio'] {
  return { median: 1 / median, low: 1 / high, high: 1 / low };
}

function effectLine(effect: Effect, kind?: VerdictLine['kind']): VerdictLine {
  const { factor, fromLabel, toLabel, ratio, cheaper } = effect;
  const change = cheaper === 'none' ? `makes little difference (${ratioText(ratio)})` : `costs ${changeText(ratio)}`;
  const text = `Changing the ${factor} from ${fromLabel} to ${toLabel} ${change}.`;
  return { kind: kind ?? (factor === 'codec' ? 'codec' : 'reason'), text, rows: [effect.from, effect.to] };
}

/** System calls and bytes per vote: the physical work that the CPU time is spent on. */
function physicalLines(paths: readonly Effect[], byId: Find): VerdictLine[] {
  return paths.flatMap(({ from, to, block }): VerdictLine[] => {
    const [http, grpc] = [byId(from), byId(to)];
    if (!http || !grpc || (block !== 'single-64x1' && block !== 'batch-100')) return [];
    const work = ({ bytesPerVote: { sent, received }, systemCallsPerVote, ioCallsPerVote }: Row) => {
      const calls = systemCallsPerVote ?? ioCallsPerVote;
      const counted =
        calls === null ? '' : `, ${amount(calls)} ${systemCallsPerVote === null ? 'reads and writes' : 'system calls'}`;
      return `${amount(sent + received)} bytes${counted}`;
    };
    const text = `${workName(http, grpc)}, per vote: HTTP ${work(http)}; gRPC ${work(grpc)}.`;
    return [{ kind: 'reason', text, rows: [from, to] }];
  });
}

function latencyLines(rows: readonly Row[]): VerdictLine[] {
  const open = rows.filter((row) => row.valid && row.load !== 'closed' && row.load !== 'overload' && row.latencyMs);
  return open
    .filter(({ latencySamples }) => latencySamples >= 1000)
    .map((row) => {
      const p50 = row.latencyMs?.p50 ?? Number.NaN;
      // The median window: one disturbed window decides the p99 of all samples.
      const p99 = row.p99Ms?.median ?? row.latencyMs?.p99 ?? Number.NaN;
      const interval = row.p99Ms ? ` (${amount(row.p99Ms.low)} to ${amount(row.p99Ms.high)})` : '';
      return {
        kind: 'latency',
        text: `${rowName(row)}: p50 ${amount(p50)} ms, p99 ${amount(p99)} ms${interval}.`,
        rows: [row.id],
      };
    });
}
