import { amount, range } from '../format.ts';
import type { Row, VerdictLine } from '../report.ts';
import { cpuDifference } from './path-pairs.ts';

/** Transport and codec told apart: the codec's effect at each transport, and the transports' spread at each codec. */
export function codecLines(rows: readonly Row[]): VerdictLine[] {
  const cells = rows.filter(({ scenario, rounds }) => scenario === 'transport' && rounds.length > 1);
  const effects = (['http1', 'http2', 'grpc', 'connect'] as const).flatMap((transport) => {
    const wasm = cells.find((row) => row.transport === transport && row.codec === 'wasm');
    const typescript = cells.find((row) => row.transport === transport && row.codec === 'typescript');
    if (!wasm?.cpuSecondsPerMillion || !typescript?.cpuSecondsPerMillion) return [];
    const worth = typescript.cpuSecondsPerMillion.median - wasm.cpuSecondsPerMillion.median;
    return [{ worth, lower: cpuDifference(wasm, typescript).lower, ids: [wasm.id, typescript.id] }];
  });
  if (effects.length < 2) return [];
  const of = (lower: 'a' | 'b') => effects.filter((effect) => effect.lower === lower);
  const sizes = (lower: 'a' | 'b') => of(lower).map(({ worth }) => Math.abs(worth));
  const told: string[] = [];
  for (const [lower, better, other] of [['a', 'WASM', 'TypeScript'] as const, ['b', 'TypeScript', 'WASM'] as const]) {
    if (of(lower).length === 0) continue;
    const size = range(Math.min(...sizes(lower)), Math.max(...sizes(lower)));
    told.push(`${better} instead of ${other} saves ${size} CPU-s per million single votes on ${of(lower).length}`);
  }
  const ties = effects.length - of('a').length - of('b').length;
  if (ties > 0 && told.length > 0) told.push(`no difference shows on ${ties}`);
  const codec =
    told.length === 0
      ? 'The codec makes no difference that shows in single votes: WASM and TypeScript overlap on every transport'
      : `Of ${effects.length} transports: ${told.join(', ')}`;
  const spread = spreadOfTransports(cells);
  const transport =
    spread === 0
      ? 'Nor does one transport show a difference from another with the same codec'
      : `Swapping the transport alone changes it by up to ${amount(spread)} CPU-s per million`;
  const largest = Math.max(0, ...sizes('a'), ...sizes('b'));
  const choice = choiceText(spread, largest);
  return [{ kind: 'codec', text: `${codec}. ${transport}. ${choice}`, rows: effects.flatMap(({ ids }) => ids) }];
}

function choiceText(byTransport: number, byCodec: number): string {
  if (byTransport === 0 && byCodec === 0) return 'Neither choice shows in the CPU.';
  if (byTransport > 3 * byCodec) return 'The choice is one of transport, not of codec.';
  return byCodec > 3 * byTransport ? 'The choice is one of codec, not of transport.' : 'Both choices count.';
}

/** The largest difference that shows between two transports with the same codec; 0 where none does. */
function spreadOfTransports(cells: readonly Row[]): number {
  const differences = cells.flatMap((row, at) =>
    cells.slice(at + 1).flatMap((other) => {
      if (other.codec !== row.codec || cpuDifference(row, other).lower === 'none') return [];
      return [Math.abs((other.cpuSecondsPerMillion?.median ?? 0) - (row.cpuSecondsPerMillion?.median ?? 0))];
    }),
  );
  return Math.max(0, ...differences);
}
