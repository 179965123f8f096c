import { expect, test } from 'vitest';
import { viewReport } from '../../../dashboard/server/bench/read-report.ts';
import { benchProgress } from '../../../dashboard/web/src/parts/bench/bench-progress.ts';
import { progressPrinter } from '../../runner/progress.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { compactReport } from './publish.ts';

test('the dashboard reads the published report, which is small', () => {
  const report = sampleReport({ passes: 3 });
  const text = JSON.stringify(compactReport(report));
  expect(text.length).toBeLessThan(300_000);
  const view = viewReport(JSON.parse(text), { id: 'published', published: true, hasHtml: false });
  expect(view.rows.length).toBe(report.rows.length);
  expect(view.verdict.length).toBeGreaterThan(2);
  expect(view.effects.length).toBeGreaterThan(5);
  expect([view.valid, view.createdAt]).toStrictEqual([report.valid, '2026-04-01T12:00:00.000Z']);
  expect(view.machine).toMatch(/cores, Node/);
});

test('the dashboard reads the progress that the bench prints', () => {
  const output: string[] = [];
  const print = progressPrinter((line) => output.push(line));
  const place = { pass: 1, passes: 2, block: 0, blocks: 4 };
  print({ place, leftMs: 20_000, name: 'single', measurements: [], failures: [] });
  print({ leftMs: 1000, name: 'single', measurements: [], failures: [] });
  expect(benchProgress(output)).toStrictEqual({ share: 5 / 8, text: '20 s left, measured single' });
});
