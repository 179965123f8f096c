import { expect, test } from 'vitest';
import { defaultContests } from '../../store/contests/default-contests.ts';
import { bandasVotes, catsVsDogsVotes } from './seed-votes.ts';

test('3,000 voters vote once each, slightly more for cats, the same in every run', () => {
  const votes = catsVsDogsVotes();
  expect(new Set(votes.map(({ voter }) => voter)).size).toBe(3000);
  const cats = votes.filter(({ choice }) => choice === 'cats').length;
  expect(cats > 1500 && cats < 1620, `${cats} for cats`).toBeTruthy();
  expect(catsVsDogsVotes()).toStrictEqual(votes);
});

test('votes for bands have album, year, rank and a vote_id that makes a repeat harmless', () => {
  const options = defaultContests.find(({ id }) => id === 'bandas')?.options ?? [];
  const votes = bandasVotes(options);
  expect(new Set(votes.map(({ voteId }) => voteId)).size).toBe(votes.length);
  for (const { choice, attributes } of votes) {
    const option = options.find(({ id }) => id === choice);
    expect(attributes.album).toBe(option?.attributes.album);
    expect(attributes.year).toBe(option?.attributes.year);
    expect(attributes.rank ?? '').toMatch(/^[1-8]$/);
  }
  expect(bandasVotes([])).toStrictEqual([]);
});
