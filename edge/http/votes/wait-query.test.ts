import { expect, test } from 'vitest';
import { readWait } from './wait-query.ts';

test('only wait=counted asks to wait, however it is encoded', () => {
  expect(readWait('')).toBe(false);
  expect(readWait('wait=counted')).toBe(true);
  expect(readWait('w%61it=counted')).toBe(true);
});

test('anything else is a problem that names the parameter', () => {
  const unknown = 'Unknown query parameter "waitt"; the only one is wait=counted';
  const rows: [string, string][] = [
    ['waitt=counted', unknown],
    ['wait=counted&waitt=1', unknown],
    ['wait=maybe', 'Query parameter wait must be "counted" or absent; got "maybe"'],
    ['wait=counted&wait=counted', 'Query parameter wait must appear at most once'],
  ];
  for (const [query, detail] of rows) expect(readWait(query)).toMatchObject({ detail });
});
