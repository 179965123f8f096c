import { expect, test } from 'vitest';
import { createReportThrottle } from './report-throttle.ts';

test('each message is due once per interval', () => {
  const isDue = createReportThrottle(60_000);
  expect([isDue('a'), isDue('a'), isDue('b'), isDue('b')]).toStrictEqual([true, false, true, false]);
  const always = createReportThrottle(0);
  expect([always('a'), always('a')]).toStrictEqual([true, true]);
});
