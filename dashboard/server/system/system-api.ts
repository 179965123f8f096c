import { Hono } from 'hono';
import type { SystemView } from '../../../store/monitoring/system.ts';
import type { DashboardEnv } from '../dashboard-env.ts';

export interface SystemReader {
  /** How the machinery is doing, at most `SHARE_MS` ago. Rejects while Redis is away. */
  read(): Promise<SystemView>;
}

/** All who look within this time share one reading. */
const SHARE_MS = 900;

export function createSystemReader(read: () => Promise<SystemView>): SystemReader {
  let reading: Promise<SystemView> | undefined;
  let readAt = 0;
  return {
    read() {
      if (reading !== undefined && Date.now() - readAt < SHARE_MS) return reading;
      readAt = Date.now();
      const current = read();
      reading = current;
      current.catch(() => {
        if (reading === current) reading = undefined;
      });
      return current;
    },
  };
}

/** `/api/system`. */
export function systemApi(system: SystemReader): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/', async (c) => {
    c.header('cache-control', 'no-store');
    return c.json(await system.read());
  });
  return app;
}
