import { readFile, writeFile } from 'node:fs/promises';
import { workName } from '../labels.ts';
import { passesText, passRange } from '../passes.ts';
import type { Report } from '../report.ts';
import { amount, range } from './format.ts';
import { table } from './markdown.ts';

/** With one pass, intervals are valid only for its processes. */
const FEWEST_PASSES = 2;
const MARKERS = { start: '<!-- bench:start -->', end: '<!-- bench:end -->' };

/** The headline figures: the part of a report that the README shows. */
export function headlineMarkdown(report: Report): string {
  const find = (id: string) => report.rows.find((row) => row.id === id);
  const lines = report.effects
    .filter(({ factor }) => factor === 'path')
    .flatMap(({ from, to, ratio, cheaper }) => {
      const [http, grpc] = [find(from), find(to)];
      if (!http?.cpuSecondsPerMillion || !grpc?.cpuSecondsPerMillion) return [];
      const costsLess = { from: 'HTTP + WASM', to: 'gRPC', none: 'about the same' }[cheaper];
      const medians = [http, grpc].map((row) => amount(row.cpuSecondsPerMillion?.median ?? Number.NaN));
      return [
        [workName(http, grpc), ...medians, `${amount(ratio.median)} (${range(ratio.low, ratio.high)})`, costsLess],
      ];
    });
  const { environment: env } = report;
  const sentences = report.verdict.filter(({ kind }) => kind === 'headline').map(({ text }) => `**${text}**`);
  const where = `Server CPU-seconds per million acknowledged votes, and the ratio gRPC / HTTP with its 95 % interval over ${passesText(report.rows)} passes; ${env.cpu}, ${env.cores} cores, Node ${env.versions.node}, Redis ${env.versions.redis}; measured ${report.createdAt.slice(0, 10)} by \`npm run bench\`.`;
  return `${sentences.join('\n\n')}\n\n${table(['work', 'HTTP + WASM', 'gRPC', 'ratio', 'costs less'], lines)}\n\n${where}`;
}

/** Why the figures must not enter the documentation; undefined if they may. */
export function unfitForInjection(report: Report): string | undefined {
  const { valid, busy, settings, rows } = report;
  if (!valid) return 'an invalid run puts no figures into the documentation';
  if (busy) return 'the machine was too busy for a verdict';
  if (settings.quick || settings.interrupted || passRange(rows).fewest < FEWEST_PASSES)
    return `only a full run of at least ${FEWEST_PASSES} passes puts figures into the documentation`;
  return undefined;
}

/** Replaces the text between the markers; undefined if there are no markers. */
export function replaceMarked(text: string, content: string): string | undefined {
  const start = text.indexOf(MARKERS.start);
  const end = text.indexOf(MARKERS.end);
  if (start < 0 || end < start) return undefined;
  return `${text.slice(0, start + MARKERS.start.length)}\n${content}\n${text.slice(end)}`;
}

/**
 * Writes the headline figures into a file, between its markers.
 *
 * @throws {Error} if the report must not be published, or the file has no markers
 */
export async function injectHeadline(report: Report, file: string): Promise<void> {
  const unfit = unfitForInjection(report);
  if (unfit !== undefined) throw new Error(unfit);
  const replaced = replaceMarked(await readFile(file, 'utf8'), headlineMarkdown(report));
  if (replaced === undefined) throw new Error(`${file} has no ${MARKERS.start} ... ${MARKERS.end}`);
  await writeFile(file, replaced);
}
