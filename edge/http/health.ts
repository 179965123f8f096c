import { allowMethods } from './allow-methods.ts';
import type { EdgeApp, EdgeHttp } from './edge-http.ts';

/** `GET /healthz`: the process lives. `/readyz`: it takes votes. `/metrics`: for Prometheus. */
export function mountHealth(app: EdgeApp, { edge, metrics }: EdgeHttp): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const ready = edge.ready();
    return c.json({ status: ready ? 'ready' : 'unavailable' }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }));
  for (const path of ['/healthz', '/readyz', '/metrics']) allowMethods(app, path, ['GET', 'HEAD']);
}
