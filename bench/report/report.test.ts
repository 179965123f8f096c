import { assert, expect, test } from 'vitest';
import type { Variant } from '../runner/variant.ts';
import { compareReports } from './compare.ts';
import { toHtml } from './html/page.ts';
import { headlineMarkdown, replaceMarked, unfitForInjection } from './inject.ts';
import { toMarkdown } from './markdown.ts';
import type { BenchSettings, Row } from './report.ts';
import { plausibleCpu, sampleReport } from './sample-report.ts';
import { reachVerdict } from './verdict/verdict.ts';

const report = sampleReport({ rounds: 5 });

test('a report beside itself: no difference in every row', () => {
  const { changes, left } = compareReports(report, report);
  expect(left).toStrictEqual([]);
  expect(changes.length).toBeGreaterThan(report.rows.length);
  for (const change of changes) expect(change.verdict, `${change.row} ${change.measure}`).toBe('no difference');
});

test('a codec that costs 10 % more is found, and only that', () => {
  const slower = sampleReport({
    rounds: 5,
    seed: 2,
    cpu: (variant) => plausibleCpu(variant) * (variant.codec === 'wasm' && variant.shape.kind === 'batch' ? 1.1 : 1),
  });
  const worse = compareReports(report, slower).changes.filter(({ verdict }) => verdict !== 'no difference');
  const expected = report.rows
    .filter(({ codec, mode }) => codec === 'wasm' && mode.startsWith('batch'))
    .map(({ id }) => id);
  const found = worse.filter(({ measure }) => measure === 'CPU-s per million');
  expect(found.map(({ row }) => row).sort()).toStrictEqual(expected.sort());
  for (const { verdict, ratio } of found)
    expect(verdict === 'worse' && ratio > 1.07 && ratio < 1.13, `${ratio}`).toBeTruthy();
});

test('the verdict names the winner of each comparison and follows the data when they turn round', () => {
  const [first] = report.verdict;
  expect(first?.text ?? '').toMatch(/^HTTP \+ WASM costs less CPU in 14 of 14 comparisons/);
  const turned = sampleReport({ rounds: 5, cpu: (v) => plausibleCpu(v) * (v.transport === 'grpc' ? 0.3 : 1) });
  expect(turned.verdict[0]?.text ?? '').toMatch(/^gRPC costs less CPU in 14 of 14/);
  const same = sampleReport({ rounds: 5, noise: 0.05, cpu: () => 20 });
  expect(same.verdict[0]?.text ?? '').toMatch(/^No difference in CPU/);
});

test('one round alone has no interval and makes no winner', () => {
  const { verdict } = sampleReport({ rounds: 1 });
  expect(verdict.some(({ kind }) => ['headline', 'path', 'latency', 'cost'].includes(kind))).toBeFalsy();
});

test('a gap above 20 % has its cause named', () => {
  const gap = sampleReport({
    rounds: 5,
    cpu: (v) => plausibleCpu(v) + (v.transport === 'grpc' && v.rung === 'edge' ? 10 : 0),
  });
  const reasons = gap.verdict.filter(({ kind }) => kind === 'reason').map(({ text }) => text);
  expect(
    reasons.some((text) =>
      /gRPC costs \d+ % more at single votes; \d+ % of that is the rest of the edge, with Redis/.test(text),
    ),
    reasons.join('\n'),
  ).toBeTruthy();
});

test('a layer that costs more than the whole gap is told as such', () => {
  // gRPC's server costs 20 more, and its codec wins 4 of them back.
  const extra = ({ transport, rung }: Variant) => (transport !== 'grpc' ? 0 : rung === 'bare' ? 20 : 16);
  const gap = sampleReport({ rounds: 5, noise: 0.001, cpu: (v) => plausibleCpu(v) + extra(v) });
  const reason = gap.verdict.find(({ kind, text }) => kind === 'reason' && / more at single votes/.test(text))?.text;
  expect(reason ?? '').toMatch(
    /all of that is the runtime server: 2\d\.\d CPU-s per million, of which the other layers win/,
  );
});

test('a machine that was slower is told from code that is, by servers that hold none of it', () => {
  const twice = (codecCosts: number) =>
    sampleReport({
      rounds: 5,
      seed: 3,
      cpu: (v) => plausibleCpu(v) * 2 * (v.codec === 'wasm' && v.shape.kind === 'batch' ? codecCosts : 1),
    });
  const same = compareReports(report, twice(1));
  expect(same.warnings.join()).toMatch(/(1\.9|2\.0)\d times slower in the second run/);
  const apart = ({ changes }: typeof same) => changes.filter(({ verdict }) => verdict !== 'no difference');
  expect(apart(same)).toStrictEqual([]);
  expect(compareReports(twice(1), report).warnings.join()).toMatch(/slower in the first run/);
  const slower = apart(compareReports(report, twice(1.2)));
  expect(slower.length).toBeGreaterThan(0);
  for (const { row, verdict } of slower)
    expect(verdict === 'worse' && /-wasm-batch-/.test(row), `${verdict}: ${row}`).toBeTruthy();
});

test('without such servers a fixed piece of work warns of a slower machine', () => {
  const quick = { ...report, rows: report.rows.filter(({ rung }) => rung === 'edge') };
  const slower = { ...quick, yardstickMs: quick.yardstickMs.map((ms) => ms * 2) };
  expect(compareReports(quick, quick).warnings).toStrictEqual([]);
  expect(compareReports(quick, slower).warnings.join()).toMatch(/2\.00 times slower in the second run, by a fixed/);
});

test('of an edge elsewhere, votes a second stand in for the cost', () => {
  const settings = { ...report.settings, target: 'https://edge.example.org' };
  const remote = report.rows.map((row) => ({ ...row, cpuSecondsPerMillion: null }));
  const [first, ...others] = reachVerdict(remote, settings);
  assert(first !== undefined);
  expect(first.kind).toBe('headline');
  expect(first.text).toMatch(/14 comparisons: HTTP \+ WASM more in 14, gRPC more in 0, no difference in 0/);
  expect(others.filter(({ kind }) => kind === 'path').length).toBe(14);
  expect(others.some(({ kind }) => kind === 'cost')).toBeFalsy();
});

test('what limits a run is said: stopped early, a slow machine, a foreign generator', () => {
  const cautions = (rows: readonly Row[], settings: Partial<BenchSettings>) =>
    reachVerdict(rows, { ...report.settings, ...settings }).flatMap(({ kind, text }) =>
      kind === 'caution' ? [text] : [],
    );
  expect(cautions(report.rows, {})).toStrictEqual([]);
  expect(cautions(report.rows, { interrupted: true, rounds: 9 }).join()).toMatch(/Stopped in round 5 of 9/);
  expect(cautions(report.rows, { laterMeasureMs: 1200 }).join()).toMatch(/slow.*1\.20 s .* not 3\.00 s/);
  const byWrk = report.rows.map((row) => (row.transport === 'http1' ? { ...row, driver: 'wrk' as const } : row));
  expect(cautions(byWrk, { driver: 'wrk' }).join()).toMatch(/rows were sent by wrk/);
});

test('where nothing differs, neither codec nor transport is said to matter', () => {
  const same = sampleReport({ rounds: 5, noise: 0.05, cpu: () => 20 });
  const line = same.verdict.find(({ kind }) => kind === 'codec')?.text ?? '';
  expect(line).toMatch(/makes no difference.*Nor does one transport.*Neither choice shows/);
});

test('a run that did not come to every variant is invalid, and says how many it left', () => {
  const partial = sampleReport({ rounds: 5, measured: 10 });
  expect(partial.valid).toBe(false);
  expect(partial.invalid.join()).toMatch(/43 of 53 variants were not measured: the time was over before/);
});

test('only a whole run of five rounds puts figures into the README', () => {
  const { settings } = report;
  expect(unfitForInjection(report)).toBe(undefined);
  for (const unfit of [{ quick: true }, { interrupted: true }, { cutShort: true }, { target: 'https://a.example' }]) {
    expect(unfitForInjection({ ...report, settings: { ...settings, ...unfit } }) ?? '').toMatch(/only a whole run/);
  }
  expect(unfitForInjection(sampleReport({ rounds: 3 })) ?? '').toMatch(/five rounds/);
  expect(unfitForInjection({ ...report, valid: false }) ?? '').toMatch(/invalid/);
});

test('batches at a fixed rate are told in votes a second', () => {
  const page = toHtml(report);
  for (const title of ['1,000 votes/s', '10,000 votes/s', '10,000 votes/s in batches of 100']) {
    expect(page.includes(`>${title}<`), title).toBeTruthy();
  }
  expect(page.includes('>100 votes/s<')).toBeFalsy();
});

test('the cost of a month follows the price', () => {
  const line = report.verdict.find(({ kind }) => kind === 'cost')?.text ?? '';
  // 15.4 CPU-s per million x 1,000 votes/s x 2,629,800 s / 10^6 x 0.000024 $ = 0.97 $.
  expect(line).toMatch(/1,000 votes\/s around the clock cost \$0\.9\d a month over HTTP \+ WASM/);
});

test('Markdown has a table a scenario and the verdict', () => {
  const text = toMarkdown(report);
  expect(text).toMatch(/^# Votewire bench, 2026-04-01 12:00 UTC$/m);
  expect(text).toMatch(/^## Verdict$/m);
  expect(text.match(/^\| transport \| codec/gm)?.length).toBe(
    new Set(report.rows.map(({ scenario }) => scenario)).size,
  );
});

test('headline figures go between the markers and nowhere else', () => {
  const text = 'before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n';
  const replaced = replaceMarked(text, headlineMarkdown(report));
  expect(replaced ?? '').toMatch(
    /^before\n<!-- bench:start -->\n\*\*HTTP \+ WASM costs[\s\S]*<!-- bench:end -->\nafter\n$/,
  );
  expect(replaced ?? '').not.toMatch(/old/);
  expect(replaceMarked('no markers', 'x')).toBe(undefined);
});
