import { storesVotes } from '../../cells/cell.ts';
import { mainEffects } from '../effects.ts';
import { rowName, workName } from '../labels.ts';
import { amount, range } from '../output/format.ts';
import { SAMPLES_NEEDED } from '../output/tables.ts';
import type { Factor, LatencyMs, Report, Row } from '../report.ts';
import { dotPlot } from './dot-plot.ts';
import { linePlot } from './line-plot.ts';
import { escapeHtml } from './markup.ts';
import { logScale, ratioScale } from './scale.ts';

/** A titled part of the page; undefined if its data were not measured. */
export interface Section {
  readonly title: string;
  readonly lede: string;
  readonly body: string;
}

const PATH_LEGEND =
  '<div class="legend"><span class="http"><i></i>HTTP + WASM</span><span class="grpc"><i></i>gRPC</span></div>';

const FACTORS: readonly (readonly [Factor, string])[] = [
  ['server', 'Server'],
  ['shape', 'Batching and concurrency'],
  ['transport', 'Transport'],
  ['encoding', 'Encoding'],
  ['codec', 'Codec'],
  ['runtime', 'Runtime'],
  ['language', 'Language'],
];

/** Every change of one factor, as a multiple of the CPU per vote: the overview at the top of the page. */
export function overview({ effects }: Report): Section | undefined {
  const groups = FACTORS.map(([factor, title]) => ({ title, effects: mainEffects(effects, factor) })).filter(
    (group) => group.effects.length > 0,
  );
  if (groups.length === 0) return undefined;
  const scale = ratioScale(groups.flatMap((group) => group.effects.flatMap(({ ratio }) => [ratio.low, ratio.high])));
  const plots = groups.map(({ title, effects: alike }) => {
    const rows = alike.map(({ fromLabel, toLabel, ratio, cheaper }) => ({
      label: toLabel,
      note: `instead of ${fromLabel}`,
      dots: [{ value: ratio, color: { to: 'http', from: 'grpc', none: 'none' }[cheaper] }],
      figures: [`×${amount(ratio.median)} (${range(ratio.low, ratio.high)})`],
    }));
    return `<h3>${escapeHtml(title)}</h3>${dotPlot(rows, scale, { title: '← less CPU per vote   ·   more CPU per vote →', mark: 1 })}`;
  });
  return {
    title: 'What decides the cost of a vote',
    lede: 'One change at a time, everything else the same: the CPU time of the server per vote, as a multiple. Whiskers are 95 % intervals of the paired ratios. Gray: less than a fifth apart, or not told apart by the data.',
    body: `<div class="card"><div class="legend"><span class="http"><i></i>costs less</span><span class="grpc"><i></i>costs more</span><span><i></i>about the same</span></div>${plots.join('')}</div>`,
  };
}

/** The two paths of the product side by side. */
export function paths({ rows, effects }: Report): Section | undefined {
  const pairs = effects.filter(({ factor }) => factor === 'path');
  if (pairs.length === 0) return undefined;
  const find = (id: string) => rows.find((row) => row.id === id);
  const scale = ratioScale(pairs.flatMap(({ ratio }) => [ratio.low, ratio.high]));
  const plot = dotPlot(
    pairs.flatMap(({ from, to, ratio, cheaper }) => {
      const [http, grpc] = [find(from), find(to)];
      if (!http || !grpc) return [];
      const medians = [http, grpc].map((row) => amount(row.cpuSecondsPerMillion?.median ?? Number.NaN));
      return {
        label: workName(http, grpc),
        dots: [{ value: ratio, color: { from: 'http', to: 'grpc', none: 'none' }[cheaper] }],
        figures: [
          `HTTP ${medians[0]}, gRPC ${medians[1]}`,
          `×${amount(ratio.median)} (${range(ratio.low, ratio.high)})`,
        ],
      };
    }),
    scale,
    { title: '← gRPC cheaper   ·   gRPC CPU / HTTP CPU   ·   HTTP + WASM cheaper →', mark: 1 },
  );
  return {
    title: 'HTTP + WASM or gRPC',
    lede: 'The same work over both paths of the product. The ratio comes from windows that lie seconds apart; the figures beside it are CPU-seconds per million votes.',
    body: `<div class="card">${plot}</div>`,
  };
}

/** CPU per vote of every row that stores votes, on one logarithmic axis. */
export function costs({ rows }: Report): Section | undefined {
  const shown = rows.filter(
    ({ valid, load, rung, cpuSecondsPerMillion, scenario }) =>
      valid && load === 'closed' && cpuSecondsPerMillion && (rung !== 'edge' || /^(shape|others)-/.test(scenario)),
  );
  if (shown.length < 3) return undefined;
  const lines = shown.flatMap((row) =>
    row.cpuSecondsPerMillion
      ? {
          label: rowName(row).split(' · ').slice(1).join(', '),
          note: `${rowName(row).split(' · ')[0]}${storesVotes(row.rung) ? '' : '; stores nothing'}`,
          dots: [{ value: row.cpuSecondsPerMillion, color: row.transport === 'http1' ? 'http' : row.transport }],
        }
      : [],
  );
  const scale = logScale(lines.flatMap(({ dots }) => dots.flatMap(({ value }) => [value.low, value.high])));
  return {
    title: 'From a bare socket to the whole edge',
    lede: 'CPU-seconds per million votes: the physical limit of a request, servers that store nothing, the edge, and what other languages need for one XADD per vote. The axis is logarithmic.',
    body: `<div class="card">${dotPlot(lines, scale, { title: 'CPU-seconds per million votes (logarithmic)' })}</div>`,
  };
}

const PERCENTILES = [
  { key: 'p50', at: 14, label: 'p50' },
  { key: 'p90', at: 35, label: 'p90' },
  { key: 'p99', at: 56, label: 'p99' },
  { key: 'p999', at: 77, label: 'p99.9' },
] as const;

/** Percentiles at each arrival rate. */
export function latency({ rows }: Report): Section | undefined {
  const open = rows.filter((row) => row.load !== 'closed' && row.valid && row.latencyMs !== null);
  const blocks = Object.values(Object.groupBy(open, ({ scenario }) => scenario));
  if (blocks.length === 0) return undefined;
  const values = open
    .flatMap(({ latencyMs, rawLatencyMs }) => [latencyMs, rawLatencyMs])
    .flatMap((ms) => (ms ? [ms.p50, ms.p90, ms.p99] : []));
  const y = logScale(values);
  const points = (row: Row, ms: LatencyMs | null) =>
    ms
      ? PERCENTILES.filter(({ key }) => row.latencySamples >= SAMPLES_NEEDED[key]).map(({ key, at }) => ({
          x: at,
          y: ms[key],
        }))
      : [];
  const plots = blocks.map((alike = []) =>
    linePlot({
      title: loadName(alike[0]),
      lines: alike.flatMap((row) => {
        const color = row.transport === 'http1' ? 'http' : 'grpc';
        return [
          { label: row.id, color, points: points(row, row.latencyMs) },
          { label: `${row.id}, raw`, color, dashed: true, points: points(row, row.rawLatencyMs) },
        ];
      }),
      x: { ticks: PERCENTILES.map(({ at, label }) => ({ at, label })), title: 'percentile' },
      y,
      unit: 'ms',
    }),
  );
  const legend = `${PATH_LEGEND.replace('</div>', '')}<span class="dash"><i></i>from the actual send (raw)</span></div>`;
  return {
    title: 'Latency',
    lede: 'Votes arrive at fixed times, whether or not the server keeps up; latency counts from the intended time. The raw line counts from the actual send and hides the time that a vote waited. A percentile is shown if each window has enough samples: 1,000 for p99, 10,000 for p99.9.',
    body: `<div class="card">${legend}<div class="smalls">${plots.join('')}</div></div>`,
  };
}

function loadName(row: Row | undefined): string {
  if (row === undefined) return '';
  if (typeof row.load === 'number') return `${row.load.toLocaleString('en')} votes/s`;
  return row.load === 'overload' ? 'Twice the capacity' : `${row.load} of each path's own capacity`;
}
