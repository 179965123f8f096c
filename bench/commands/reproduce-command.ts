import type { Block } from '../cells/blocks.ts';
import { questionOf } from '../cells/blocks.ts';
import { type Cell, makeCell, shapeOf } from '../cells/cell.ts';
import { compareReports, comparisonText } from '../report/compare.ts';
import { writeReport } from '../report/output/write-report.ts';
import type { Report, Row } from '../report/report.ts';
import { measureReport, printReport } from './bench-command.ts';
import { readReport } from './compare-command.ts';

/** `npm run bench -- reproduce report.json`: measures the same cells with the same settings, and compares. */
export async function reproduceCommand([file, ...rest]: readonly string[]): Promise<number> {
  const before = file === undefined || rest.length > 0 ? 'reproduce needs one report.json' : await readReport(file);
  if (typeof before === 'string') {
    console.error(before);
    return 2;
  }
  const { rounds, windows, warmupMs, measureMs, quick, cpuPrice } = before.settings;
  const options = { warmupMs, measureMs, quick, cpuPrice };
  const length = quick ? { passes: rounds, windows } : { passes: undefined, windows: undefined };
  const own = { ...length, adaptive: false, blocks: undefined, inject: false, output: undefined };
  const after = await measureReport({ ...options, ...own }, blocksOf(before));
  printReport(after, await writeReport(after));
  console.log(`\n${comparisonText(compareReports(before, after))}`);
  return after.valid ? 0 : 1;
}

/** The blocks of a report, rebuilt from its rows. */
export function blocksOf({ rows }: Pick<Report, 'rows'>): Block[] {
  return Object.entries(Object.groupBy(rows, ({ scenario }) => scenario)).map(([name, group = []]) => ({
    name,
    question: questionOf(name),
    passes: different(group, 'pass'),
    windows: different(group, 'window'),
    cells: group.map(cellOf),
  }));
}

function different(rows: readonly Row[], field: 'pass' | 'window'): number {
  return Math.max(...rows.map(({ rounds }) => new Set(rounds.map((round) => round[field])).size));
}

function cellOf(row: Row): Cell {
  const { rung: server, runtime, transport, encoding, codec, contest, connections, streams } = row;
  const settings = { server, runtime, transport, encoding, codec, contest, connections, streams };
  return makeCell(row.scenario, { ...settings, shape: shapeOf(row.mode), load: loadOf(row.load) });
}

function loadOf(load: Row['load']): Cell['load'] {
  if (load === 'closed') return { kind: 'closed' };
  if (load === 'overload') return { kind: 'share', factor: 2 };
  if (typeof load === 'number') return { kind: 'open', requestsPerSecond: load };
  return { kind: 'share', factor: Number.parseFloat(load) / 100 };
}
