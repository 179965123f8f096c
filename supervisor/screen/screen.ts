import { stripVTControlCharacters, styleText } from 'node:util';
import { resultsHidden } from '../../store/contests/contest.ts';
import type { ServiceState } from '../service/service.ts';
import { PATH_NAMES, type Status } from './status.ts';

/** The content of the screen of `npm start`. */
export interface ScreenView {
  readonly addresses: readonly (readonly [name: string, address: string])[];
  readonly services: readonly {
    readonly name: string;
    readonly state: ServiceState['name'];
    readonly restarts: number;
  }[];
  /** Undefined until the first reading and while Redis is unavailable. */
  readonly status: Status | undefined;
  readonly upSeconds: number;
  /** The last lines of all services, oldest first. */
  readonly messages: readonly string[];
  /** The current activity, such as "seeding 3,000 votes"; empty if there is none. */
  readonly activity: string;
}

interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The lines of one frame, never larger than the terminal. */
export function drawScreen(view: ScreenView, size: ScreenSize, color: boolean): string[] {
  const paint = (style: Style, text: string) => (color ? styleText(style, text, { validateStream: false }) : text);
  const head = [
    `${paint('bold', 'Votewire')}  up ${duration(view.upSeconds)}${view.activity === '' ? '' : `  ${view.activity}`}`,
    '',
    ...view.addresses.map(([name, address]) => `  ${name.padEnd(10)} ${paint('cyan', address)}`),
    '',
    ...drawContests(view.status, paint),
    '',
    `  ${drawRates(view.status)}`,
    `  ${view.services.map((service) => drawService(service, paint)).join('  ')}`,
    '',
  ];
  const foot = paint('dim', '  Ctrl-C stops everything; votes stay.');
  const room = Math.max(0, size.rows - head.length - 2);
  const messages = view.messages.slice(-Math.min(room, 6)).map((message) => paint('dim', `  ${message}`));
  return [...head, ...messages, foot].slice(0, Math.max(1, size.rows - 1)).map((line) => cut(line, size.columns));
}

/** The content as one line, for output that is not a terminal. */
export function drawLine(view: ScreenView): string {
  const totals = (view.status?.contests ?? []).map(({ contest, results }) => `${contest.id} ${results.total}`);
  const broken = view.services.filter(({ state }) => state !== 'running').map(({ name, state }) => `${name} ${state}`);
  return [`up ${duration(view.upSeconds)}`, ...totals, drawRates(view.status), ...broken].join(' | ');
}

type Style = 'bold' | 'dim' | 'cyan' | 'green' | 'yellow' | 'red';
type Paint = (style: Style, text: string) => string;

function drawContests(status: Status | undefined, paint: Paint): string[] {
  if (status === undefined) return [paint('yellow', '  no counts: Redis does not answer')];
  const width = Math.max(...status.contests.map(({ contest }) => contest.id.length));
  return status.contests.map(({ contest, results }) => {
    const options = [...results.options]
      .sort((a, b) => b.count - a.count)
      .slice(0, 4)
      .map(({ label, count }) => `${label} ${count.toLocaleString('en')}`);
    const more = results.options.length > 4 ? `and ${results.options.length - 4} more` : '';
    const shown = results.options.length > 1 ? [...options, more].filter((text) => text !== '').join('  ') : '';
    const total = results.total.toLocaleString('en').padStart(11);
    return `  ${contest.id.padEnd(width)} ${paint('bold', total)}  ${resultsHidden(contest, Date.now()) ? 'hidden' : shown}`;
  });
}

function drawRates(status: Status | undefined): string {
  const { rates, lag, deadLetters } = status ?? { rates: undefined, lag: undefined, deadLetters: 0 };
  const perSecond = PATH_NAMES.map((path) => `${path} ${Math.round(rates?.[path] ?? 0).toLocaleString('en')}/s`);
  const dead = deadLetters > 0 ? `  dead letters ${deadLetters}` : '';
  return `votes ${perSecond.join('  ')}   lag tally ${lag?.tally ?? '?'}  log ${lag?.log ?? '?'}${dead}`;
}

function drawService({ name, state, restarts }: ScreenView['services'][number], paint: Paint): string {
  const style = state === 'running' ? 'green' : state === 'failed' || state === 'waiting' ? 'red' : 'yellow';
  const again = restarts > 0 ? ` (restarted ${restarts === 1 ? 'once' : `${restarts} times`})` : '';
  return `${paint(style, state === 'running' ? '●' : '○')} ${name}${state === 'running' ? '' : ` ${state}`}${again}`;
}

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  // A truncated line loses its colors, which avoids measuring escape sequences.
  return plain.length <= columns ? line : `${plain.slice(0, Math.max(1, columns - 1))}…`;
}
