import { median } from '../../statistics/median.ts';
import { mainEffects, SAME_COST } from '../effects.ts';
import { votesPerRequest } from '../labels.ts';
import type { BenchSettings, Effect, Factor, Row, VerdictLine } from '../report.ts';

/** Shares in words, coarse enough that two runs of the same code give the same sentences. */
const BANDS = [
  { upTo: 0.08, words: 'nearly nothing' },
  { upTo: 0.35, words: 'up to a third' },
  { upTo: 0.85, words: 'half to three quarters' },
  { upTo: 1, words: 'nine tenths or more' },
] as const;
/** Below this band, several changes of a factor save nearly the same, and which one is the largest is chance. */
const NAMED_FROM = 2;

const KINDS_OF_WORK = [
  'with one vote in flight per connection',
  'with many in flight on few connections',
  'in batches',
];

/** First sentence: which path costs less, depending on how votes are sent. */
export function whichPath(paths: readonly Effect[], byId: (id: string) => Row | undefined): VerdictLine[] {
  const closed = paths.filter(({ from }) => byId(from)?.load === 'closed');
  const workOf = ({ from, to }: Effect) => {
    if (byId(from)?.mode !== 'single') return KINDS_OF_WORK[2];
    return KINDS_OF_WORK[(byId(to)?.streams ?? 1) > 1 ? 1 : 0];
  };
  const parts = KINDS_OF_WORK.flatMap((work) => {
    const alike = closed.filter((effect) => workOf(effect) === work);
    return alike.length === 0 ? [] : [`${work} ${comparison(alike)}`];
  });
  if (parts.length === 0) return [];
  const text = `HTTP + WASM or gRPC: ${parts.join('; ')}.`;
  return [{ kind: 'headline', text, rows: closed.flatMap(({ from, to }) => [from, to]) }];
}

function comparison(effects: readonly Effect[]): string {
  // The median, so that one different shape does not decide.
  const ratio = median(effects.map((effect) => effect.ratio.median));
  const saved = 1 - Math.min(ratio, 1 / ratio);
  if (saved < SAME_COST) return 'they cost about the same (less than a fifth apart)';
  return `${ratio > 1 ? 'HTTP + WASM' : 'gRPC'} costs ${BANDS[bandOf(saved)]?.words} less server CPU`;
}

const FACTOR_NAMES = {
  server: 'the server',
  shape: 'batching',
  transport: 'the transport',
  encoding: 'JSON or protobuf',
  codec: 'the codec',
} as const satisfies Partial<Record<Factor, string>>;

/** Second sentence: the factors, ordered by the largest saving of a single change. */
export function whatDecides(effects: readonly Effect[]): VerdictLine[] {
  const factors = (Object.keys(FACTOR_NAMES) as (keyof typeof FACTOR_NAMES)[]).flatMap((factor) => {
    const alike = mainEffects(effects, factor).filter((effect) => !/bare socket/.test(effect.toLabel));
    const largest = alike.toSorted((a, b) => saving(b) - saving(a))[0];
    return largest === undefined ? [] : [{ factor, largest, saving: saving(largest) }];
  });
  if (factors.length < 2) return [];
  // Factors in the same band keep the order of the table, because their figures may change order from run to run.
  const ranked = factors.toSorted((a, b) => bandOf(b.saving) - bandOf(a.saving));
  const texts = ranked.map(({ factor, largest, saving: most }) => {
    const band = bandOf(most);
    if (band === 0) return `${FACTOR_NAMES[factor]} changes nearly nothing`;
    if (band < NAMED_FROM) return `${FACTOR_NAMES[factor]} saves ${BANDS[band]?.words}`;
    const [dearer, cheaper] =
      largest.ratio.median > 1 ? [largest.toLabel, largest.fromLabel] : [largest.fromLabel, largest.toLabel];
    return `${FACTOR_NAMES[factor]} saves ${BANDS[band]?.words} (${cheaper} instead of ${dearer})`;
  });
  const text = `What decides, in this order: ${texts.join('; ')}.`;
  return [{ kind: 'headline', text, rows: ranked.flatMap(({ largest }) => [largest.from, largest.to]) }];
}

/** Seconds of a mean month. */
export const SECONDS_PER_MONTH = 2_629_800;

/** A fixed rate is sustained if this share of its votes is acknowledged within the window. */
const CARRIED = 0.98;

/** Third sentence: the highest measured fixed rate up to which the choice of the path saves no process. */
export function whenItMatters(
  paths: readonly Effect[],
  byId: (id: string) => Row | undefined,
  { cpuPrice }: Pick<BenchSettings, 'cpuPrice'>,
): VerdictLine[] {
  const carried = paths.filter(({ from, to }) =>
    [byId(from), byId(to)].every(
      (row) => typeof row?.load === 'number' && row.throughput >= CARRIED * row.load * votesPerRequest(row.mode),
    ),
  );
  const rates = carried.map(({ from }) => Number(byId(from)?.load));
  if (rates.length === 0) return [];
  const month = `$${Math.round(SECONDS_PER_MONTH * cpuPrice).toLocaleString('en')}`;
  const text = `Up to ${Math.max(...rates).toLocaleString('en')} votes/s the choice saves no machine: one edge process carries the votes over either path, so it saves less than one core (${month} a month).`;
  return [{ kind: 'headline', text, rows: carried.flatMap(({ from, to }) => [from, to]) }];
}

/** The share of CPU that the cheaper level saves; 0 if the data do not distinguish them. */
function saving({ ratio: { median: ratio, low, high } }: Effect): number {
  return low <= 1 && high >= 1 ? 0 : 1 - Math.min(ratio, 1 / ratio);
}

function bandOf(share: number): number {
  return Math.max(
    0,
    BANDS.findIndex(({ upTo }) => share < upTo),
  );
}
