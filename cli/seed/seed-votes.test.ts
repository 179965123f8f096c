import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultContests } from '../../store/contests/default-contests.ts';
import { bandasVotes, catsVsDogsVotes } from './seed-votes.ts';

test('3,000 voters, each once, somewhat more for cats, the same in every run', () => {
  const votes = catsVsDogsVotes();
  assert.equal(new Set(votes.map(({ voter }) => voter)).size, 3000);
  const cats = votes.filter(({ choice }) => choice === 'cats').length;
  assert.ok(cats > 1500 && cats < 1620, `${cats} for cats`);
  assert.deepEqual(catsVsDogsVotes(), votes);
});

test('votes for bands carry album, year and rank, and an id that makes a repeat harmless', () => {
  const options = defaultContests.find(({ id }) => id === 'bandas')?.options ?? [];
  const votes = bandasVotes(options);
  assert.equal(new Set(votes.map(({ voteId }) => voteId)).size, votes.length);
  for (const { choice, attributes } of votes) {
    const option = options.find(({ id }) => id === choice);
    assert.equal(attributes.album, option?.attributes.album);
    assert.equal(attributes.year, option?.attributes.year);
    assert.match(attributes.rank ?? '', /^[1-8]$/);
  }
  assert.deepEqual(bandasVotes([]), []);
});
