import { amount, percent } from '../format.ts';
import type { Row, VerdictLine } from '../report.ts';
import { type BreakdownStep, ladderOf } from './breakdown.ts';
import type { PathPair } from './path-pairs.ts';

/** A gap smaller than this has no cause that a reader has to know. */
const GAP_TO_EXPLAIN = 0.2;
/** A rung that costs less than the one below it, by more than this share of the whole, stands in the noise. */
const NOISE = 0.05;

/** For single votes on Node: where the time goes, and which layer makes the gap between the paths. */
export function reasonLines(rows: readonly Row[], pairs: readonly PathPair[]): VerdictLine[] {
  const pair = pairs.find(({ http }) => http.scenario === 'transport');
  const [http, grpc] = [ladderOf(rows, 'http1'), ladderOf(rows, 'grpc')];
  if (!pair || http.length < 2 || grpc.length < 2) return [];
  const ids = [...http, ...grpc].map(({ row }) => row);
  const text = `Where the time goes, single votes on Node. HTTP + WASM: ${sumOf(http)}; gRPC: ${sumOf(grpc)} CPU-s per million.`;
  const lines: VerdictLine[] = [{ kind: 'reason', text, rows: ids }];
  const framework = frameworkLine(rows);
  if (framework !== undefined) lines.push(framework);
  // Where more work costs less, a cause named from the rungs would be made up.
  const whole = pair.http.cpuSecondsPerMillion?.median ?? 0;
  if ([...http, ...grpc].some(({ adds }) => adds < -NOISE * whole)) {
    const caution =
      'A rung of the ladder costs less than the one below it: this run is too noisy to name a cause of the gap.';
    lines.push({ kind: 'caution', text: caution, rows: ids });
    return lines;
  }
  const gap = dearerBy(pair);
  if (pair.cpu.lower === 'none' || gap < GAP_TO_EXPLAIN) return lines;
  const [dearer, cheaper, name] = pair.cpu.lower === 'a' ? [grpc, http, 'gRPC'] : [http, grpc, 'HTTP + WASM'];
  const layers = [...new Set([...http, ...grpc].map(({ layer }) => layer))];
  const added = (steps: readonly BreakdownStep[], layer: BreakdownStep['layer']) =>
    steps.filter((step) => step.layer === layer).reduce((sum, { adds }) => sum + adds, 0);
  const gaps = layers.map((layer) => ({ layer, more: added(dearer, layer) - added(cheaper, layer) }));
  const cause = gaps.reduce((a, b) => (b.more > a.more ? b : a));
  const total = gaps.reduce((sum, { more }) => sum + more, 0);
  const told = `${name} costs ${percent(gap)} more at single votes; ${shareText(cause, total)}.`;
  lines.push({ kind: 'reason', text: told, rows: ids });
  return lines;
}

/** A layer may cost more than the whole gap: then others win some of it back. */
function shareText({ layer, more }: { layer: string; more: number }, total: number): string {
  if (more <= total) {
    return `${percent(more / total)} of that is the ${layer}: ${amount(more)} of ${amount(total)} CPU-s per million`;
  }
  return `all of that is the ${layer}: ${amount(more)} CPU-s per million, of which the other layers win ${amount(more - total)} back`;
}

/** How much more the dearer path costs. */
function dearerBy({ cpu }: PathPair): number {
  return Math.max(cpu.ratio.median, 1 / cpu.ratio.median) - 1;
}

function sumOf(steps: readonly BreakdownStep[]): string {
  const total = steps.reduce((sum, { adds }) => sum + adds, 0);
  return `${steps.map(({ label, adds }) => `${label} ${amount(adds)}`).join(' + ')} = ${amount(total)}`;
}

/** The edge on Node answers votes beneath its framework: what that saves. */
function frameworkLine(rows: readonly Row[]): VerdictLine | undefined {
  const of = (rung: Row['rung']) =>
    rows.find((row) => row.scenario === 'ladder' && row.transport === 'http1' && row.rung === rung && row.valid);
  const [bare, framework] = [of('bare'), of('framework')];
  if (!bare?.cpuSecondsPerMillion || !framework?.cpuSecondsPerMillion) return undefined;
  const adds = framework.cpuSecondsPerMillion.median - bare.cpuSecondsPerMillion.median;
  const text = `Hono on Node's adapter would add ${amount(adds)} CPU-s per million: the edge answers votes beneath it, with the same code that is a Hono route on Bun and Deno.`;
  return { kind: 'reason', text, rows: [bare.id, framework.id] };
}
