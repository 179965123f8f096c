import { amount, range } from '../format.ts';
import type { LatencyMs, Report, Row } from '../report.ts';
import { ladderOf } from '../verdict/breakdown.ts';
import { arrivals } from '../verdict/monthly-cost.ts';
import { describeWork, type PathPair, pathPairs } from '../verdict/path-pairs.ts';
import { ladderPlot } from './breakdown-plot.ts';
import { dotPlot } from './dot-plot.ts';
import { linePlot } from './line-plot.ts';
import { linearScale, logScale, ratioScale } from './scale.ts';

/** A titled part of the page; undefined where its data were not measured. */
export interface Section {
  readonly title: string;
  readonly lede: string;
  readonly body: string;
}

const PATH_LEGEND =
  '<div class="legend"><span class="http"><i></i>HTTP + WASM</span><span class="grpc"><i></i>gRPC</span></div>';

/** gRPC's CPU as a multiple of HTTP's, one row a comparison: a forest plot. */
export function forest(rows: readonly Row[]): Section | undefined {
  const pairs = pathPairs(rows);
  if (pairs.length === 0) return undefined;
  const scale = ratioScale(pairs.flatMap(({ cpu }) => [cpu.ratio.low, cpu.ratio.high]));
  const plot = dotPlot(pairs.map(forestRow), scale, {
    title: '← gRPC cheaper   ·   gRPC CPU / HTTP CPU   ·   HTTP + WASM cheaper →',
    mark: 1,
  });
  return {
    title: 'Which path costs less',
    lede: 'Server CPU of gRPC as a multiple of HTTP + WASM at the same work. Whiskers: 95 % interval of the rounds. Grey: the two paths’ own intervals overlap, so the data do not tell them apart.',
    body: `<div class="card"><div class="legend"><span class="http"><i></i>HTTP + WASM cheaper</span><span class="grpc"><i></i>gRPC cheaper</span><span><i></i>no difference</span></div>${plot}</div>`,
  };
}

function forestRow({ http, grpc, cpu }: PathPair) {
  const colour = { a: 'http', b: 'grpc', none: 'none' }[cpu.lower];
  const [, ...rest] = describeWork({ http, grpc }).split(', ');
  const runtime = { node: 'Node', bun: 'Bun', deno: 'Deno', go: 'Go' }[http.runtime];
  const medians = [http, grpc].map((row) => amount(row.cpuSecondsPerMillion?.median ?? Number.NaN));
  const figures = [
    `HTTP ${medians[0]}, gRPC ${medians[1]}`,
    `×${amount(cpu.ratio.median)} (${range(cpu.ratio.low, cpu.ratio.high)})`,
  ];
  return {
    label: `${runtime}, ${rest[0] ?? ''}`,
    note: rest.slice(1).join(', '),
    dots: [{ value: cpu.ratio, colour }],
    figures,
  };
}

const TRANSPORTS = { http1: 'HTTP/1.1', http2: 'HTTP/2', grpc: 'gRPC', connect: 'Connect' } as const;

/** Every transport with either codec. */
export function factorial(rows: readonly Row[]): Section | undefined {
  const cells = rows.filter(({ scenario, valid }) => scenario === 'transport' && valid);
  const lines = (['http1', 'http2', 'grpc', 'connect'] as const).flatMap((transport) =>
    cells
      .filter((row) => row.transport === transport)
      .flatMap((row) =>
        row.cpuSecondsPerMillion
          ? {
              label: TRANSPORTS[transport],
              note: row.codec === 'wasm' ? 'WASM codec' : 'TypeScript codec',
              dots: [
                {
                  value: row.cpuSecondsPerMillion,
                  colour: transport === 'http1' ? 'http' : transport,
                  hollow: row.codec !== 'wasm',
                },
              ],
            }
          : [],
      ),
  );
  if (lines.length < 4) return undefined;
  const scale = linearScale(lines.flatMap(({ dots }) => dots.map(({ value }) => value.high)));
  return {
    title: 'Transport and codec told apart',
    lede: 'The same single votes over every transport with either codec. Read along a transport for the codec’s share, down a codec for the transport’s.',
    body: `<div class="card"><div class="legend"><span><i></i>WASM codec</span><span><i class="hollow"></i>TypeScript codec</span></div>${dotPlot(lines, scale, { title: 'CPU-seconds per million votes, 64 connections, one vote in flight on each' })}</div>`,
  };
}

/** Where the time goes, layer by layer. */
export function ladder(rows: readonly Row[]): Section | undefined {
  const valid = rows.filter((row) => row.valid);
  const bars = [
    { label: 'HTTP + WASM', steps: ladderOf(valid, 'http1') },
    { label: 'gRPC', steps: ladderOf(valid, 'grpc') },
  ].filter(({ steps }) => steps.length > 1);
  if (bars.length === 0) return undefined;
  return {
    title: 'Where the time goes',
    lede: 'Each bar is built from servers that do a little more than the one before: the runtime’s own server, with the codec, and the whole edge with Redis. On Node the edge answers votes beneath its framework; the table has what that saves.',
    body: `<div class="card">${ladderPlot(bars)}</div>`,
  };
}

/** CPU over batch sizes and streams, on a logarithmic axis. */
export function modes(rows: readonly Row[]): Section | undefined {
  const order = ['single', 'batch-10', 'batch-100', 'batch-1000', 'stream-1', 'stream-100'];
  const cells = rows.filter(
    ({ valid, rung, load, runtime, payload, contest, scenario, codec, transport, mode }) =>
      valid &&
      rung === 'edge' &&
      load === 'closed' &&
      runtime === 'node' &&
      payload === 'small' &&
      contest === 'bandas' &&
      (scenario === 'transport' || scenario === 'batch' || mode.startsWith('stream')) &&
      ((transport === 'http1' && codec === 'wasm') || (transport === 'grpc' && codec === 'typescript')),
  );
  const lines = order.flatMap((mode) => {
    const dots = cells
      .filter((row) => row.mode === mode)
      .flatMap((row) =>
        row.cpuSecondsPerMillion
          ? [{ value: row.cpuSecondsPerMillion, colour: row.transport === 'http1' ? 'http' : 'grpc' }]
          : [],
      );
    const [kind, count] = mode.split('-');
    const size = Number(count).toLocaleString('en');
    const label =
      kind === 'single' ? 'single votes' : kind === 'batch' ? `batches of ${size}` : `stream, ${size} a message`;
    return dots.length > 0 ? [{ label, dots }] : [];
  });
  if (lines.length < 2) return undefined;
  const values = lines.flatMap(({ dots }) => dots.flatMap(({ value }) => [value.low, value.high]));
  return {
    title: 'Sending votes together',
    lede: 'CPU per vote falls with every vote that shares a request. The axis is logarithmic.',
    body: `<div class="card">${PATH_LEGEND}${dotPlot(lines, logScale(values), { title: 'CPU-seconds per million votes (logarithmic)' })}</div>`,
  };
}

const PERCENTILES = [
  { key: 'p50', at: 14, label: 'p50' },
  { key: 'p90', at: 35, label: 'p90' },
  { key: 'p99', at: 56, label: 'p99' },
  { key: 'p999', at: 77, label: 'p99.9' },
  { key: 'max', at: 98, label: 'max' },
] as const;

/** Percentiles at each arrival rate. */
export function latency(rows: readonly Row[]): Section | undefined {
  const open = rows.filter((row) => typeof row.load === 'number' && row.valid && row.latencyMs !== null);
  const kinds = Object.entries(Object.groupBy(open, arrivals));
  if (kinds.length === 0) return undefined;
  const values = open.flatMap(({ latencyMs, rawLatencyMs }) => [
    ...Object.values(latencyMs ?? {}),
    ...Object.values(rawLatencyMs ?? {}),
  ]);
  const y = logScale(values as number[]);
  const points = (ms: LatencyMs | null) => (ms ? PERCENTILES.map(({ key, at }) => ({ x: at, y: ms[key] })) : []);
  const plots = kinds.map(([title, alike = []]) =>
    linePlot({
      title,
      lines: alike.flatMap((row) => {
        const colour = row.transport === 'http1' ? 'http' : 'grpc';
        return [
          { label: row.id, colour, points: points(row.latencyMs) },
          { label: `${row.id}, raw`, colour, dashed: true, points: points(row.rawLatencyMs) },
        ];
      }),
      x: { ticks: PERCENTILES.map(({ at, label }) => ({ at, label })), title: 'percentile' },
      y,
      unit: 'ms',
    }),
  );
  const legend = `${PATH_LEGEND.replace('</div>', '')}<span class="dash"><i></i>from the actual send (raw)</span></div>`;
  return {
    title: 'Latency at fixed arrival rates',
    lede: 'Votes arrive at fixed times, whether the server keeps up or not; latency counts from the intended time. The raw line counts from the actual send, as benches that omit their own waiting do.',
    body: `<div class="card">${legend}<div class="smalls">${plots.join('')}</div></div>`,
  };
}

/** Votes a second, second by second, of the saturation runs on Node. */
export function overTime(report: Report): Section | undefined {
  const shown = report.rows.filter(({ scenario, valid, codec, transport }) => {
    const own = (transport === 'http1' && codec === 'wasm') || (transport === 'grpc' && codec === 'typescript');
    return valid && own && (scenario === 'transport' || scenario === 'overload');
  });
  const scenarios = [...new Set(shown.map(({ scenario }) => scenario))];
  const plots = scenarios.flatMap((scenario) => {
    const rows = shown.filter((row) => row.scenario === scenario);
    const series = rows.map((row) =>
      row.rounds.flatMap(({ seconds }) => seconds.map(({ acknowledged }) => acknowledged)),
    );
    const count = Math.max(...series.map(({ length }) => length));
    if (count < 2) return [];
    const title = scenario === 'overload' ? 'Overload: twice what the edge can take' : 'Saturation: single votes';
    return [
      linePlot({
        title,
        lines: rows.map((row, i) => ({
          label: row.id,
          colour: row.transport === 'http1' ? 'http' : 'grpc',
          points: (series[i] ?? []).map((value, second) => ({ x: (second / (count - 1)) * 84 + 14, y: value })),
        })),
        x: {
          ticks: [
            { at: 14, label: '1' },
            { at: 98, label: `${count}` },
          ],
          title: 'measured second, all rounds',
        },
        y: linearScale(series.flat()),
        unit: '/s',
      }),
    ];
  });
  if (plots.length === 0) return undefined;
  return {
    title: 'Second by second',
    lede: 'Acknowledged votes in each measured second, the rounds one behind the other: an average hides stalls, this does not.',
    body: `<div class="card">${PATH_LEGEND}<div class="smalls">${plots.join('')}</div></div>`,
  };
}

/** Text of an interval, for tables. */
export function interval(value: { median: number; low: number; high: number } | null): string {
  if (value === null) return '–';
  const { median, low, high } = value;
  // A round alone has no interval.
  return low === high ? amount(median) : `${amount(median)} <small>(${range(low, high)})</small>`;
}
