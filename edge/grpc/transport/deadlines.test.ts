import { expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { Deadlines, type Expiring } from './deadlines.ts';

test('expires overdue entries and keeps the others', async () => {
  using deadlines = new Deadlines();
  const expired: string[] = [];
  const call = (name: string, deadline: number): Expiring => {
    const own: Expiring = {
      place: -1,
      deadline,
      expire() {
        expired.push(name);
        deadlines.delete(own);
      },
    };
    deadlines.add(own);
    return own;
  };
  const [never, ended] = [call('never', Number.POSITIVE_INFINITY), call('ended', 0)];
  call('late', 0);
  call('later', performance.now() + 60);
  deadlines.delete(ended);
  deadlines.delete(ended);
  expect(deadlines.size).toBe(3);
  await waitFor(() => deadlines.size === 1, { what: 'the late calls expire' });
  expect(expired).toStrictEqual(['late', 'later']);
  deadlines.delete(never);
  expect(deadlines.size).toBe(0);
});
