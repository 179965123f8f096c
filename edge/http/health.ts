import type { EdgeApp } from './edge-env.ts';
import type { EdgeHttp } from './edge-http.ts';

/** `GET /healthz`: the process is up. `/readyz`: it accepts votes. `/metrics`: for Prometheus. */
export function mountHealth(app: EdgeApp, { edge, metrics }: EdgeHttp): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const ready = edge.ready();
    return c.json({ status: ready ? 'ready' : 'unavailable' }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }));
}
