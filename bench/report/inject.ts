import { readFile, writeFile } from 'node:fs/promises';
import { amount, range } from './format.ts';
import { table } from './markdown.ts';
import type { Report } from './report.ts';
import { describeWork, pathPairs } from './verdict/path-pairs.ts';

const MARKERS = { start: '<!-- bench:start -->', end: '<!-- bench:end -->' };

/** The headline figures: what the README shows of a report. */
export function headlineMarkdown(report: Report): string {
  const pairs = pathPairs(report.rows);
  const cell = (value: { median: number; low: number; high: number } | null) =>
    value ? `${amount(value.median)} (${range(value.low, value.high)})` : '-';
  const lines = pairs.map(({ http, grpc, cpu }) => [
    describeWork({ http, grpc }),
    cell(http.cpuSecondsPerMillion),
    cell(grpc.cpuSecondsPerMillion),
    { a: 'HTTP + WASM', b: 'gRPC', none: 'no difference' }[cpu.lower],
  ]);
  const { environment: env } = report;
  const headline = report.verdict.find(({ kind }) => kind === 'headline')?.text ?? 'No verdict.';
  const where = `Server CPU-seconds per million acknowledged votes, medians with 95 % intervals of ${roundsDone(report)} interleaved rounds; ${env.cpu}, ${env.cores} cores, Node ${env.versions.node}, Redis ${env.versions.redis}; measured ${report.createdAt.slice(0, 10)} by \`npm run bench\`.`;
  return `**${headline}**\n\n${table(['work', 'HTTP + WASM', 'gRPC', 'costs less'], lines)}\n\n${where}`;
}

/** Rounds that every row has. */
function roundsDone({ rows }: Report): number {
  return Math.min(...rows.map(({ rounds }) => rounds.length));
}

/** Why a report's figures are not fit for the documentation; undefined where they are. */
export function unfitForInjection(report: Report): string | undefined {
  const { valid, settings } = report;
  if (!valid) return 'an invalid run puts no figures into the documentation';
  if (settings.quick || settings.target !== null || settings.interrupted || settings.cutShort || roundsDone(report) < 5)
    return 'only a whole run of five rounds or more, on processes of its own, puts figures into the documentation';
  return undefined;
}

/** Puts `content` between the markers of a text; undefined where the markers are not there. */
export function replaceMarked(text: string, content: string): string | undefined {
  const start = text.indexOf(MARKERS.start);
  const end = text.indexOf(MARKERS.end);
  if (start < 0 || end < start) return undefined;
  return `${text.slice(0, start + MARKERS.start.length)}\n${content}\n${text.slice(end)}`;
}

/**
 * Writes the headline figures into a file, between its markers.
 *
 * @throws {Error} where the report is not fit for that, or the file has no markers
 */
export async function injectHeadline(report: Report, file: string): Promise<void> {
  const unfit = unfitForInjection(report);
  if (unfit !== undefined) throw new Error(unfit);
  const replaced = replaceMarked(await readFile(file, 'utf8'), headlineMarkdown(report));
  if (replaced === undefined) throw new Error(`${file} has no ${MARKERS.start} ... ${MARKERS.end}`);
  await writeFile(file, replaced);
}
