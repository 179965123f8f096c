import type { ContestRule } from '../../../../store/contests/contest.ts';

/** How numbers and times are written on every page. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const minute = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

export const formatCount = (value: number) => whole.format(value);
export const formatCompact = (value: number) => (value < 10_000 ? whole.format(value) : compact.format(value));
export const formatDecimal = (value: number) => oneDigit.format(value);

/** A share of a total, as `52.3 %` with a narrow space that does not break; a dash where there is no total. */
export function formatShare(count: number, total: number): string {
  return total === 0 ? '–' : `${oneDigit.format((100 * count) / total)}\u202f%`;
}

/** Votes per second: one decimal below ten. */
export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? oneDigit.format(perSecond) : whole.format(perSecond);
}

export const formatClock = (time: string | number | Date) => clock.format(new Date(time));
export const formatMinute = (time: string | number | Date) => minute.format(new Date(time));

/** The time of day, with the day in front where it is not today. */
export function formatTime(time: string): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
}

/** A time as a datetime-local input has it, to the minute or to the second, in the reader's own time zone. */
export function toLocalTime(time: string, precision: 'minute' | 'second'): string {
  const date = new Date(time);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, precision === 'minute' ? 16 : 19);
}

/** A length of time in its two largest units, as `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** What a contest's total counts. */
export function countedWord(rule: ContestRule, count: number): string {
  const word = rule === 'one-per-voter' ? 'voter' : 'vote';
  return count === 1 ? word : `${word}s`;
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
