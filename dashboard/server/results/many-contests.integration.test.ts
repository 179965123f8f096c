import { expect, test } from 'vitest';
import { contestsKey } from '../../../store/streams/keys.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { ContestSummary, ContestView } from '../../api/contests.ts';
import type { Results, ResultsEvents } from '../../api/results.ts';
import { type DashboardFixture, readEvents, startDashboardFixture } from '../testing/dashboard-fixture.ts';

const CONTESTS = 1000;
const OPTIONS = 256;

/** Writes all contests at once: each of a thousand requests would be announced to every process. */
async function addContests({ redis }: DashboardFixture): Promise<void> {
  const options = Array.from({ length: OPTIONS }, (_, n) => ({
    id: `option-${n}`,
    label: `Option number ${n}`,
    colour: '#0b7285',
    attributes: {},
  }));
  const fields = Array.from({ length: CONTESTS }, (_, n) => {
    const id = `large-${`${n}`.padStart(4, '0')}`;
    const contest = { id, title: `Contest ${n}`, rule: 'open', options, opensAt: null, closesAt: null, hidden: false };
    return [id, JSON.stringify(contest)];
  });
  for (let from = 0; from < CONTESTS; from += 100) {
    await redis.send(contestsKey, ['HSET', contestsKey, ...fields.slice(from, from + 100).flat()]);
  }
}

/** Cheaper than parsing megabytes of events every 10 ms. */
function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

test(`${CONTESTS} contests of ${OPTIONS} options stay live`, { timeout: 180_000 }, async () => {
  await using fixture = await startDashboardFixture({ TICK_MS: '250' });
  await addContests(fixture);
  const summaries = async () => {
    const response = await fetch(`${fixture.url}/api/contests?view=summary`);
    return ((await response.json()) as { contests: ContestSummary[] }).contests;
  };
  await waitFor(async () => (await summaries()).length === CONTESTS + 3, {
    what: 'all contests',
    timeoutMs: 60_000,
    everyMs: 250,
  });

  const ids = Array.from({ length: 24 }, (_, n) => `large-${`${n}`.padStart(4, '0')}`);
  using scoped = await readEvents(`${fixture.url}/api/events?contests=${ids.join(',')}`);
  const listed = () => scoped.events<ResultsEvents['contests']>('contests').flatMap(({ contests }) => contests);
  const shown = () => new Set(scoped.events<Results>('results').map(({ contest }) => contest));
  const isComplete = () =>
    occurrences(scoped.text, '"optionCount"') >= CONTESTS + 3 &&
    occurrences(scoped.text, 'event: results\n') >= ids.length;
  await waitFor(isComplete, {
    what: 'the list and the watched contests',
    timeoutMs: 60_000,
    everyMs: 100,
  });
  expect(new Set(listed().map(({ id }) => id)).size).toBe(CONTESTS + 3);
  expect(shown().size).toBe(ids.length);
  expect(scoped.events<ContestView>('contest')[0]?.options.length).toBe(OPTIONS);
  await fixture.count('large-0007', 'option-255', 3);
  await fixture.count('large-0999', 'option-0', 1);
  await waitFor(() => scoped.text.includes('"total":3,'), { what: 'the new count', everyMs: 100 });
  expect(shown().has('large-0999')).toBe(false);

  using all = await readEvents(`${fixture.url}/api/events`);
  const seen = () => new Map(all.events<Results>('results').map((results) => [results.contest, results.total]));
  await waitFor(() => occurrences(all.text, 'event: results\n') >= CONTESTS + 3, {
    what: 'all contests on one stream',
    timeoutMs: 60_000,
    everyMs: 250,
  });
  expect(seen().size).toBe(CONTESTS + 3);
  expect(all.response.destroyed).toBe(false);
  expect(seen().get('large-0999')).toBe(1);
  await fixture.count('large-0500', 'option-1', 9);
  await waitFor(() => all.text.includes('"total":9,'), {
    what: 'a change of any contest',
    timeoutMs: 30_000,
    everyMs: 100,
  });
});
