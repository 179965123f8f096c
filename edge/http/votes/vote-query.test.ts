import { expect, test } from 'vitest';
import { readVoteQuery } from './vote-query.ts';

test('wait=counted asks to wait and outcomes=each for every outcome, in any encoding', () => {
  expect(readVoteQuery('')).toStrictEqual({ wait: false, each: false });
  expect(readVoteQuery('wait=counted')).toStrictEqual({ wait: true, each: false });
  expect(readVoteQuery('w%61it=counted')).toStrictEqual({ wait: true, each: false });
  expect(readVoteQuery('outcomes=each')).toStrictEqual({ wait: false, each: true });
  expect(readVoteQuery('outcomes=each&wait=counted')).toStrictEqual({ wait: true, each: true });
});

test('any other query is a problem that names the parameter', () => {
  const unknown = 'Unknown query parameter "waitt"; use wait=counted, or outcomes=each for a batch';
  const rows: [string, string][] = [
    ['waitt=counted', unknown],
    ['wait=counted&waitt=1', unknown],
    ['wait=maybe', 'Query parameter wait must be "counted" or absent; got "maybe"'],
    ['outcomes=', 'Query parameter outcomes must be "each" or absent; got ""'],
    ['wait=counted&wait=counted', 'Query parameter wait must appear at most once'],
  ];
  for (const [query, detail] of rows) expect(readVoteQuery(query)).toMatchObject({ detail });
});
