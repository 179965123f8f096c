import { expect, test } from 'vitest';
import { parseCalendarTime } from './calendar-time.ts';

for (const text of ['2028-02-29', '2027-12-31T23:59Z', '2027-01-01T00:00:00.5+02:00', '2027-06-30T12:00:00-06:00'])
  test(`"${text}" is valid`, () => expect(parseCalendarTime(text)).toStrictEqual(new Date(text)));

for (const text of [
  '2027-02-29',
  '2027-02-29T10:00Z',
  '2027-04-31T00:00:00Z',
  '2027-13-01',
  '2027-1-1',
  '1',
  'today',
  '',
  '2027-01-01T25:00Z',
])
  test(`"${text}" is invalid`, () => expect(parseCalendarTime(text)).toBe(undefined));
