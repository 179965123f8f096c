import { Hono } from 'hono';
import { systemSchema } from '../../api/system.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { describe, json, unavailableProblem } from '../openapi/describe.ts';
import type { SystemReader } from './system-reader.ts';

const getSystem = describe({
  operationId: 'getSystem',
  summary: 'Streams, groups, consumers, edges, dead letters and the ledger.',
  responses: { 200: json(systemSchema, 'The present state.'), ...unavailableProblem },
});

/** `/api/system`. */
export function systemApi(system: SystemReader): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/', getSystem, async (c) => {
    c.header('cache-control', 'no-store');
    return c.json(await system.read());
  });
  return app;
}
