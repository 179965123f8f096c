import { median } from '../../statistics/median.ts';
import { mainEffects } from '../effects.ts';
import type { Effect, Factor, Row, VerdictLine } from '../report.ts';

/** Shares in words: two runs of the same code are to give the same sentences. */
const BANDS = [
  { upTo: 0.05, words: 'nearly nothing' },
  { upTo: 0.17, words: 'about a tenth' },
  { upTo: 0.38, words: 'about a quarter' },
  { upTo: 0.62, words: 'about half' },
  { upTo: 0.85, words: 'about three quarters' },
  { upTo: 1, words: 'nine tenths or more' },
] as const;

/** First sentence: which path costs less, with single votes and in batches. */
export function whichPath(paths: readonly Effect[], byId: (id: string) => Row | undefined): VerdictLine[] {
  const closed = paths.filter(({ from }) => byId(from)?.load === 'closed');
  const isBatch = ({ from }: Effect) => byId(from)?.mode !== 'single';
  const parts = [
    partOf(
      'with single votes',
      closed.filter((effect) => !isBatch(effect)),
    ),
    partOf('in batches', closed.filter(isBatch)),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return [];
  const text = `HTTP + WASM or gRPC: ${parts.join('; ')}.`;
  return [{ kind: 'headline', text, rows: closed.flatMap(({ from, to }) => [from, to]) }];
}

function partOf(work: string, effects: readonly Effect[]): string | undefined {
  if (effects.length === 0) return undefined;
  const http = effects.filter(({ cheaper }) => cheaper === 'from');
  const grpc = effects.filter(({ cheaper }) => cheaper === 'to');
  if (http.length === 0 && grpc.length === 0) return `${work} they cost the same`;
  const [winner, name, saved] =
    http.length >= grpc.length
      ? ([http, 'HTTP + WASM', ({ ratio }: Effect) => 1 - 1 / ratio.median] as const)
      : ([grpc, 'gRPC', ({ ratio }: Effect) => 1 - ratio.median] as const);
  const band = bandOf(median(winner.map(saved)));
  const cases = winner.length === effects.length ? '' : ' in most cases';
  return `${work} ${name} costs ${BANDS[band]?.words} less server CPU${cases}`;
}

const FACTOR_NAMES = {
  server: 'the HTTP server',
  shape: 'batching and concurrency',
  transport: 'the transport',
  encoding: 'JSON or protobuf',
  codec: 'the codec',
} as const satisfies Partial<Record<Factor, string>>;

/** Second sentence: the factors by the largest saving that one change of each makes. */
export function whatDecides(effects: readonly Effect[]): VerdictLine[] {
  const factors = (Object.keys(FACTOR_NAMES) as (keyof typeof FACTOR_NAMES)[]).flatMap((factor) => {
    const alike = mainEffects(effects, factor).filter((effect) => !/bare socket/.test(effect.toLabel));
    const largest = alike.toSorted((a, b) => saving(b) - saving(a))[0];
    return largest === undefined ? [] : [{ factor, largest, saving: saving(largest) }];
  });
  if (factors.length < 2) return [];
  // Equal words keep the order of the table: the figures behind them may change places from run to run.
  const ranked = factors.toSorted((a, b) => bandOf(b.saving) - bandOf(a.saving));
  const texts = ranked.map(({ factor, largest, saving: most }) => {
    const band = bandOf(most);
    if (band === 0) return `${FACTOR_NAMES[factor]} changes nearly nothing`;
    const [dearer, cheaper] =
      largest.cheaper === 'from' ? [largest.toLabel, largest.fromLabel] : [largest.fromLabel, largest.toLabel];
    return `${FACTOR_NAMES[factor]} saves ${BANDS[band]?.words} (${dearer} to ${cheaper})`;
  });
  const text = `What decides, in this order: ${texts.join('; ')}.`;
  return [{ kind: 'headline', text, rows: ranked.flatMap(({ largest }) => [largest.from, largest.to]) }];
}

/** The share of CPU that the cheaper level saves; 0 if the data do not tell them apart. */
function saving({ ratio, cheaper }: Effect): number {
  if (cheaper === 'none') return 0;
  return cheaper === 'to' ? 1 - ratio.median : 1 - 1 / ratio.median;
}

function bandOf(share: number): number {
  return Math.max(
    0,
    BANDS.findIndex(({ upTo }) => share < upTo),
  );
}
