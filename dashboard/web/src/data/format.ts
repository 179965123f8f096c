import type { ContestRule } from '../../../../store/contests/contest.ts';

/** Formats of numbers and times on every page. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const toMinute = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
const minute = new Intl.DateTimeFormat('en-GB', toMinute);
const minuteOfYear = new Intl.DateTimeFormat('en-GB', { ...toMinute, year: 'numeric' });

export const formatCount = (value: number) => whole.format(value);
export const formatCompact = (value: number) => (value < 10_000 ? whole.format(value) : compact.format(value));
export const formatDecimal = (value: number) => oneDigit.format(value);

/** A share of a total, such as `52.3 %` with a narrow non-breaking space; a dash if the total is 0. */
export function formatShare(count: number, total: number): string {
  return total === 0 ? '–' : `${oneDigit.format((100 * count) / total)}\u202f%`;
}

/** Votes per second: one decimal below ten. */
export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? oneDigit.format(perSecond) : whole.format(perSecond);
}

export const formatClock = (time: string | number | Date) => clock.format(new Date(time));
export const formatDay = (time: string | number | Date) => day.format(new Date(time));
/** The day and the time to the minute, with the year unless it is this one. */
export function formatMinute(time: string | number | Date): string {
  const date = new Date(time);
  return (date.getFullYear() === new Date().getFullYear() ? minute : minuteOfYear).format(date);
}

const exact = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** The time of day with milliseconds. */
export const formatExactTime = (time: string) => exact.format(new Date(time));

/** The reader's time zone. */
export const zoneName = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const utc = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** The date and the time of day in UTC. */
export const formatUtc = (time: string) => utc.format(new Date(time));

/** The time of day, preceded by the date unless it is today. */
export function formatTime(time: string): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
}

/** The value of a datetime-local input, to the minute or to the second, in the reader's time zone. */
export function toLocalTime(time: string, precision: 'minute' | 'second'): string {
  const date = new Date(time);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, precision === 'minute' ? 16 : 19);
}

/** A duration in its two largest units, such as `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The unit of a contest's total. */
export function countedWord(rule: ContestRule, count: number): string {
  const word = rule === 'one-per-voter' ? 'voter' : 'vote';
  return count === 1 ? word : `${word}s`;
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
