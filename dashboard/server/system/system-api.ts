import { Hono } from 'hono';
import { systemSchema } from '../../api/system.ts';
import { systemHistorySchema } from '../../api/system-history.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { gzipJson } from '../http/gzip-json.ts';
import { describe, json, unavailableProblem } from '../openapi/describe.ts';
import type { SystemHistory } from './system-history.ts';
import type { SystemReader } from './system-reader.ts';

const getSystem = describe({
  operationId: 'getSystem',
  summary: 'Streams, groups, consumers, edges, dead letters and the ledger.',
  responses: { 200: json(systemSchema, 'The current state.'), ...unavailableProblem },
});

const getHistory = describe({
  operationId: 'getSystemHistory',
  summary: 'The last hour: waiting entries, delays, votes per second, memory, and processes that started and stopped.',
  responses: { 200: json(systemHistorySchema, 'A sample every two seconds, oldest first; the latest events first.') },
});

/** `/api/system` and `/history`. */
export function systemApi(system: SystemReader, history: SystemHistory): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/', getSystem, async (c) => {
    c.header('cache-control', 'no-store');
    return c.json(await system.read());
  });
  app.get('/history', getHistory, (c) => {
    c.header('cache-control', 'no-store');
    return gzipJson(c, history.view());
  });
  return app;
}
