import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePartition } from '../../../store/deployment/partition.ts';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { writeHeartbeat } from '../../../store/monitoring/heartbeats.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { benchSchema } from '../../api/bench.ts';
import { contestListSchema, contestViewSchema } from '../../api/contests.ts';
import { deadLetterListSchema } from '../../api/dead-letters.ts';
import { logPageSchema } from '../../api/log.ts';
import { problemSchema } from '../../api/problem.ts';
import { historySchema, resultsSchema } from '../../api/results.ts';
import { settingsSchema } from '../../api/settings.ts';
import { systemSchema } from '../../api/system.ts';
import { type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';

describe('every answer matches the schema that the API document is generated from', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await startDashboardFixture();
    await fixture.count('bandas', 'la-tona', 3);
    await fixture.log.append([
      testEntry(1),
      testEntry(2, { votes: [{ contest: 'bandas', attributes: { album: 'x' } }] }),
    ]);
    await ensurePartition(fixture.redis, 0);
    for (const role of ['consumer', 'edge'] as const) {
      await writeHeartbeat(fixture.redis, { role, name: 'one', startedAt: Date.now(), details: { pid: 1, up: true } });
    }
    const history = async () => (await fetch(`${fixture.url}/api/contests/bandas/history`)).text();
    await waitFor(async () => (await history()).includes(',3]'), { what: 'a sample' });
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  const answers: [string, v.GenericSchema][] = [
    ['/api/contests', contestListSchema],
    ['/api/contests/bandas', contestViewSchema],
    ['/api/contests/bandas/results', resultsSchema],
    ['/api/contests/bandas/history', historySchema],
    ['/api/logs', logPageSchema],
    ['/api/system', systemSchema],
    ['/api/dead-letters', deadLetterListSchema],
    ['/api/bench', benchSchema],
    ['/api/settings', settingsSchema],
    ['/api/contests/nothing', problemSchema],
    ['/api/logs?x=1', problemSchema],
  ];
  for (const [path, schema] of answers) {
    test(path, async () => {
      const value = await (await fetch(fixture.url + path)).json();
      // Parsing drops fields that the schema does not have, so an undocumented field is a difference.
      expect(v.parse(schema, value)).toStrictEqual(value);
    });
  }
});
