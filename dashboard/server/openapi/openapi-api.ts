import type { Hono } from 'hono';
import { openAPIRouteHandler } from 'hono-openapi';
import type { DashboardEnv } from '../dashboard-env.ts';

/** Serves `/openapi.json`, generated from the descriptions and schemas of the routes at the first request. */
export function mountOpenApi(app: Hono<DashboardEnv>): void {
  app.get(
    '/openapi.json',
    openAPIRouteHandler(app, {
      defaultValidationErrorResponse: false,
      documentation: {
        info: {
          title: 'Votewire dashboard',
          version: '1.0.0',
          description: 'Results, the vote log and the state of the system. Votes are cast at the edge, not here.',
          license: { name: 'MIT', identifier: 'MIT' },
        },
        servers: [{ url: '/' }],
        components: {
          securitySchemes: {
            readToken: { type: 'http', scheme: 'bearer', description: 'READ_TOKEN of the deployment.' },
            adminToken: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN of the deployment.' },
          },
        },
      },
    }),
  );
}
