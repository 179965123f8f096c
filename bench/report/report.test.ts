import { readFile } from 'node:fs/promises';
import { assert, describe, expect, test } from 'vitest';
import { allBlocks } from '../cells/blocks.ts';
import type { Cell } from '../cells/cell.ts';
import { blocksOf } from '../commands/reproduce-command.ts';
import { conclude } from './build-report.ts';
import { compareReports, comparisonText } from './compare.ts';
import { mainEffects } from './effects.ts';
import { toHtml } from './html/page.ts';
import { headlineMarkdown, replaceMarked, unfitForInjection } from './output/inject.ts';
import { toMarkdown } from './output/markdown.ts';
import type { Report } from './report.ts';
import { plausibleCpu, sampleOutcome, sampleReport } from './testing/sample-report.ts';
import { uncertainBlocks } from './uncertain-blocks.ts';
import { reachVerdict } from './verdict/verdict.ts';

const report = sampleReport({ passes: 5 });

const headlines = ({ verdict }: Report) => verdict.filter(({ kind }) => kind === 'headline').map(({ text }) => text);
const changed = (applies: (cell: Cell) => boolean, factor: number, seed = 2) =>
  sampleReport({ passes: 5, seed, noise: 0.005, cpu: (cell) => plausibleCpu(cell) * (applies(cell) ? factor : 1) });
const quiet = sampleReport({ passes: 5, noise: 0.005 });
/** Effects that changed by more than 5 %; the intervals of each must not overlap. */
const moved = (after: Report) => {
  const effects = compareReports(quiet, after).effects.filter(
    (change) => Math.abs(Math.log(change.after.ratio.median / change.before.ratio.median)) > 0.05,
  );
  for (const { agrees } of effects) expect(agrees).toBe(false);
  return effects;
};

describe('a planted slowdown of 10 % is attributed to its factor', () => {
  test('in the server', () => {
    const effects = moved(changed(({ server }) => server === 'edge-framework', 1.1));
    expect(effects.length).toBe(2);
    for (const { before } of effects) expect(before.factor).toBe('server');
  });

  test('in the codec', () => {
    const effects = moved(changed(({ codec, server }) => codec === 'typescript' && server === 'edge', 1.1));
    const factors = new Set(effects.map(({ before }) => before.factor));
    expect(factors.has('codec')).toBe(true);
    expect(factors.has('transport') || factors.has('encoding')).toBe(false);
  });

  test('in the transport', () => {
    const effects = moved(changed(({ transport, codec }) => transport === 'http2' && codec === 'wasm', 1.1));
    expect(effects.length).toBeGreaterThan(0);
    for (const { before } of effects) expect(before.factor).toBe('transport');
  });
});

test('a report compared with itself: every effect agrees, and the sentences are the same', () => {
  const comparison = compareReports(report, report);
  const { effects, left, sentences, warnings } = comparison;
  expect([left, sentences, warnings]).toStrictEqual([[], [], []]);
  expect(effects.every(({ agrees, contradicts, sameAnswer }) => agrees && !contradicts && sameAnswer)).toBe(true);
  expect(comparisonText(comparison)).toMatch(/0 contradict\.\nThe sentences of the verdict are the same\.$/);
});

test('a comparison names contradicting effects and different sentences', () => {
  const dearer = changed(({ transport, server }) => transport === 'grpc' && server === 'edge', 2);
  const text = comparisonText(compareReports(report, dearer));
  expect(text).toMatch(/^intervals apart: single-64x1, transport, HTTP\/1\.1 to gRPC: ratio/m);
  expect(text).toMatch(/^another sentence: HTTP \+ WASM or gRPC: /m);
  expect(text).toMatch(/\d sentences differ\.$/);
});

test('two runs give the same three sentences', () => {
  expect(headlines(report).length).toBe(3);
  expect(headlines(sampleReport({ passes: 5, seed: 9 }))).toStrictEqual(headlines(report));
});

test('paired ratios are unaffected by a machine that is twice as slow in every other pass', () => {
  const drifting = sampleReport({ passes: 5, slowdown: (pass) => 1 + (pass % 2) });
  expect(headlines(drifting)).toStrictEqual(headlines(report));
  for (const { ratio } of drifting.effects) expect(Math.sqrt(ratio.high / ratio.low) - 1).toBeLessThan(0.05);
  const row = drifting.rows.find(({ id }) => id === drifting.effects[0]?.from);
  assert(row?.cpuSecondsPerMillion && row.normalizedCpuSecondsPerMillion);
  const width = ({ low, high }: { low: number; high: number }) => high / low;
  expect(width(row.cpuSecondsPerMillion)).toBeGreaterThan(1.9);
  expect(width(row.normalizedCpuSecondsPerMillion)).toBeLessThan(1.05);
});

test('the first sentence follows the data', () => {
  expect(headlines(report)[0]).toBe(
    'HTTP + WASM or gRPC: with one vote in flight per connection they cost about the same (less than a fifth apart); ' +
      'with many in flight on few connections they cost about the same (less than a fifth apart); ' +
      'in batches they cost about the same (less than a fifth apart).',
  );
  const grpcTimes = (factor: number) =>
    sampleReport({ passes: 5, cpu: (cell) => plausibleCpu(cell) * (cell.transport === 'grpc' ? factor : 1) });
  expect(headlines(grpcTimes(0.3))[0]).toMatch(/on few connections gRPC costs half to three quarters less server CPU;/);
  expect(headlines(grpcTimes(3))[0]).toMatch(/in batches HTTP \+ WASM costs half to three quarters less server CPU\.$/);
});

test('the second sentence ranks the factors and says which change nothing', () => {
  expect(headlines(report)[1]).toMatch(
    /^What decides, in this order: .*the server saves nine tenths or more \(our HTTP\/2 server instead of connect-node/,
  );
  expect(headlines(report)[1]).toMatch(/the codec changes nearly nothing/);
});

test('the third sentence names the rate up to which the choice saves no machine', () => {
  expect(headlines(report)[2]).toMatch(
    /^Up to 10,000 votes\/s the choice saves no machine: .* less than one core \(\$63 a month\)\.$/,
  );
});

test('a main effect combines the same change in several blocks', () => {
  const codecs = mainEffects(report.effects, 'codec');
  const single = report.effects.filter(({ factor }) => factor === 'codec');
  expect(single.length).toBe(3);
  expect(codecs.map(({ fromLabel, toLabel }) => [fromLabel, toLabel])).toStrictEqual([
    ['WASM codec', 'TypeScript codec'],
  ]);
  expect(codecs[0]?.ratio.median).toBeGreaterThan(1);
  expect(mainEffects(report.effects, 'server').some(({ fromLabel }) => fromLabel === 'connect-node')).toBe(true);
});

test('an effect has the ratio of each window by pass, and too few windows give no effect', () => {
  expect(report.effects[0]?.ratios.map(({ length }) => length)).toStrictEqual([2, 2, 2, 2, 2]);
  expect(sampleReport({ passes: 1 }).effects).toStrictEqual([]);
});

test('blocks with the widest intervals get further passes first, and narrow ones none', () => {
  const blocks = allBlocks();
  const noisy = (cell: Cell) => (cell.block === 'batch-1000' ? 0.5 : cell.block === 'single-1x1' ? 0.2 : 0.01);
  const needed = uncertainBlocks(blocks, sampleOutcome({ passes: 2, noise: noisy }));
  expect(needed.map(({ name }) => name)).toStrictEqual(['batch-1000', 'single-1x1']);
});

test('a run with too wide intervals has no verdict, only advice to run it again', () => {
  const busy = sampleReport({ passes: 5, noise: 0.7 });
  expect(busy.busy).toBe(true);
  expect(busy.verdict.map(({ text }) => text).join()).toMatch(/too busy for a verdict.*Run it again/);
  expect(report.busy).toBe(false);
  const quick = { ...report, settings: { ...report.settings, quick: true } };
  expect(conclude(quick).busy).toBe(false);
  expect(conclude({ ...quick, rows: sampleReport({ passes: 1 }).rows }).busy).toBe(true);
  const late = { ...quick, valid: false, invalid: ['x, pass 1: the load generator sent 20 of 100 requests late'] };
  expect(conclude(late).busy).toBe(true);
});

test('states the limitations of a run', () => {
  const cautions = (settings: Partial<Report['settings']>) =>
    reachVerdict(report.rows, { ...report.settings, ...settings }).flatMap(({ kind, text }) =>
      kind === 'caution' ? [text] : [],
    );
  expect(cautions({})).toStrictEqual([]);
  expect(cautions({ interrupted: true }).join()).toMatch(/interrupted/);
  expect(cautions({ quick: true }).join()).toMatch(/hold for these processes alone/);
});

test('a run that did not measure every cell is invalid, and states how many are missing', () => {
  const partial = sampleReport({ passes: 5, measured: 10 });
  expect(partial.valid).toBe(false);
  expect(partial.invalid.join()).toMatch(/\d+ of \d+ cells were not measured: the time was over/);
});

test('a percentile is printed only with enough samples in each window', () => {
  const rows = report.rows.map((row) => ({ ...row, latencySamples: 999 }));
  const few = toMarkdown({ ...report, rows });
  const p99 = (text: string) => /^\| [^|]* 1,000\/s \|.*/m.exec(text)?.[0].split(' | ')[5];
  expect(p99(few)).toBe('-');
  expect(p99(toMarkdown(report))).toMatch(/^\d/);
});

test('rebuilds the cells of a report from its rows, to reproduce it', () => {
  const cells = blocksOf(report).flatMap((block) => block.cells);
  expect(cells.map(({ id }) => id)).toStrictEqual(report.rows.map(({ id }) => id));
});

test('rendering derives the same effects and verdict from the rows', () => {
  const again = conclude({ ...report, effects: [], verdict: [] });
  expect([again.effects, again.verdict]).toStrictEqual([report.effects, report.verdict]);
});

test('only a full run with enough passes updates the figures in the README', () => {
  const { settings } = report;
  expect(unfitForInjection(report)).toBe(undefined);
  for (const unfit of [{ quick: true }, { interrupted: true }]) {
    expect(unfitForInjection({ ...report, settings: { ...settings, ...unfit } })).toMatch(/only a full run/);
  }
  expect(unfitForInjection(sampleReport({ passes: 1 }))).toMatch(/busy|2 passes/);
  expect(unfitForInjection({ ...report, valid: false })).toMatch(/invalid/);
  expect(unfitForInjection({ ...report, busy: true })).toMatch(/busy/);
});

test('Markdown has the verdict, the effects and every row', () => {
  const text = toMarkdown(report);
  expect(text).toMatch(/^# Votewire bench, 2026-04-01 12:00 UTC$/m);
  expect(text).toMatch(/^## Verdict$/m);
  expect(text).toMatch(/^## Effects on CPU per vote$/m);
  expect(text.match(/ · .* \| \d/gm)?.length).toBe(report.rows.length);
});

test('the schema describes every field of a report, a row and an effect', async () => {
  const schema = JSON.parse(await readFile(new URL('report.schema.json', import.meta.url), 'utf8'));
  const keys = (value: object | undefined) => Object.keys(value ?? {}).sort();
  expect(keys(schema.properties)).toStrictEqual(keys(report));
  expect(keys(schema.properties.settings.properties)).toStrictEqual(keys(report.settings));
  expect(keys(schema.$defs.row.properties)).toStrictEqual(keys(report.rows[0]));
  expect(keys(schema.$defs.effect.properties)).toStrictEqual(keys(report.effects[0]));
});

test('writes headline figures only between the markers', () => {
  const text = 'before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n';
  const replaced = replaceMarked(text, headlineMarkdown(report));
  expect(replaced).toMatch(
    /^before\n<!-- bench:start -->\n\*\*HTTP \+ WASM or gRPC[\s\S]*<!-- bench:end -->\nafter\n$/,
  );
  expect(replaced).not.toMatch(/old/);
  expect(replaceMarked('no markers', 'x')).toBe(undefined);
});

test('the page shows the effects and contains its data', () => {
  const page = toHtml(report);
  for (const title of ['What decides the cost of a vote', 'Choose for your case', 'HTTP + WASM or gRPC']) {
    expect(page, title).toContain(`<h2>${title}</h2>`);
  }
  expect(page).toContain('instead of connect-node');
});
