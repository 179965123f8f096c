import type { Estimate } from '../../statistics/median.ts';
import type { Row } from '../report.ts';

/** A layer and what it adds to the CPU of a single vote. */
export interface BreakdownStep {
  readonly layer: 'runtime server' | 'codec' | 'rest of the edge, with Redis';
  /** The layer's name on this path. */
  readonly label: string;
  /** CPU-seconds per million votes, beyond the rung below. May be slightly negative where noise is larger. */
  readonly adds: number;
  /** CPU up to and with this layer, as measured. */
  readonly upTo: Estimate;
  /** Id of the row that the step ends at. */
  readonly row: string;
}

/** On Node the edge answers votes beneath its framework: that is no rung of this ladder. */
const RUNGS = [
  { rung: 'bare', layer: 'runtime server' },
  { rung: 'codec', layer: 'codec' },
  { rung: 'edge', layer: 'rest of the edge, with Redis' },
] as const;

const LABELS: Record<string, string> = {
  'http1 bare': 'node:http',
  'http1 codec': 'WASM codec',
  'grpc bare': 'node:http2',
  'grpc codec': 'TypeScript codec',
};

/** The steps from the bare runtime's server to the edge, for single votes on Node at 64 connections. */
export function ladderOf(rows: readonly Row[], transport: 'http1' | 'grpc'): BreakdownStep[] {
  const steps: BreakdownStep[] = [];
  let below = 0;
  for (const { rung, layer } of RUNGS) {
    const row = rows.find(
      (candidate) =>
        candidate.transport === transport &&
        candidate.rung === rung &&
        candidate.runtime === 'node' &&
        (rung === 'edge' ? candidate.scenario === 'transport' : candidate.scenario === 'ladder') &&
        (rung !== 'edge' || candidate.codec === (transport === 'http1' ? 'wasm' : 'typescript')),
    );
    if (!row?.cpuSecondsPerMillion) continue;
    const upTo = row.cpuSecondsPerMillion;
    const label = LABELS[`${transport} ${rung}`] ?? layer;
    steps.push({ layer, label, adds: upTo.median - below, upTo, row: row.id });
    below = upTo.median;
  }
  // Without its lowest rung there is no ladder.
  return steps[0]?.layer === 'runtime server' ? steps : [];
}
