import { passesText } from '../passes.ts';
import type { BenchSettings, Effect, Report } from '../report.ts';
import { mebibytes, range } from './format.ts';
import { briefTable, intervalText, sideTables, type TextTable } from './tables.ts';

/** The report for a pull request. */
export function toMarkdown(report: Report): string {
  const headline = report.verdict.filter(({ kind }) => kind === 'headline');
  const others = report.verdict.filter(({ kind }) => kind !== 'headline');
  const sections = [
    `# Votewire bench, ${report.createdAt.slice(0, 16).replace('T', ' ')} UTC`,
    report.valid ? 'Every row is valid: acknowledged = stored = counted.' : invalidText(report),
    '## Verdict',
    headline.map(({ text }) => `**${text}**`).join('\n\n'),
    others.map(({ text }) => `- ${text}`).join('\n'),
    ...(report.effects.length > 0 ? ['## Effects on CPU per vote', effectTable(report.effects)] : []),
    '## Rows',
    toTable(briefTable(report.rows)),
    ...sideTables(report).map((one) => `## ${one.title}\n\n${toTable(one)}`),
    '## Environment',
    environmentLines(report)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Everything needed to repeat the run. */
export function environmentLines({
  environment: env,
  rows,
  settings,
  yardstickMs,
}: Report): [name: string, value: string][] {
  const versions = Object.entries(env.versions).flatMap(([name, version]) => (version ? `${name} ${version}` : []));
  return [
    ['Machine', `${env.cpu}, ${env.cores} cores, ${mebibytes(env.memoryBytes)} memory, ${env.os} ${env.arch}`],
    ['Versions', versions.join(', ')],
    ['Commit', env.commit ?? 'unknown'],
    ['Cores', env.pinning],
    ['Redis', env.redis],
    [
      'Edge settings',
      Object.entries(env.edgeEnv)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ['Load average at the start', env.loadAverage.toFixed(2)],
    [
      'Calibration',
      `a fixed piece of work took ${range(Math.min(...yardstickMs), Math.max(...yardstickMs))} CPU-ms, medians of the passes`,
    ],
    ['Passes', lengthText(passesText(rows), settings)],
  ];
}

function lengthText(passes: string, { windows, measureMs, warmupMs, quick }: BenchSettings): string {
  const processes = quick ? 'on the same processes' : 'each on new processes';
  return `${passes}, ${processes}, with up to ${windows} windows of ${measureMs / 1000} s of each cell after ${warmupMs / 1000} s of warm-up`;
}

function invalidText({ invalid }: Report): string {
  return `**This run is invalid:**\n\n${invalid.map((reason) => `- ${reason}`).join('\n')}`;
}

function effectTable(effects: readonly Effect[]): string {
  return table(
    ['block', 'factor', 'from', 'to', 'CPU ratio'],
    effects.map(({ block, factor, fromLabel, toLabel, ratio }) => [
      block,
      factor,
      fromLabel,
      toLabel,
      intervalText(ratio),
    ]),
  );
}

export function toTable({ head, lines }: Pick<TextTable, 'head' | 'lines'>): string {
  return table(head, lines);
}

export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}
