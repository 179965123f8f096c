import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../redis/redis-server.ts';
import { findTakenPorts } from './ports.ts';

test('reports a taken port with its variable and the remedy', async () => {
  await using server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const problems = await findTakenPorts([
    { service: 'edge', variable: 'PORT', port, host: '' },
    { service: 'dashboard', variable: 'DASHBOARD_PORT', port: await freePort(), host: '::' },
  ]);
  expect(problems.length).toBe(1);
  expect(problems[0] ?? '').toMatch(new RegExp(`^Port ${port} \\(PORT\\) is already in use\\. Stop the program`));
  expect(problems[0] ?? '').toMatch(/: PORT=\d+ npm start\.$/);
});

test('reports one port for two services', async () => {
  const port = await freePort();
  const problems = await findTakenPorts([
    { service: 'edge', variable: 'PORT', port, host: '' },
    { service: 'dashboard', variable: 'DASHBOARD_PORT', port, host: '' },
  ]);
  expect(problems).toStrictEqual([
    `PORT and DASHBOARD_PORT are both ${port}; the edge and the dashboard need different ports.`,
  ]);
});

test('reports a host that is not an address of this machine with its variable', async () => {
  // 192.0.2.0/24 is reserved for documentation (RFC 5737).
  const host = '192.0.2.1';
  const needed = [{ service: 'dashboard', variable: 'DASHBOARD_PORT', port: await freePort(), host }];
  expect(await findTakenPorts(needed)).toStrictEqual([
    `DASHBOARD_HOST=${host} is not allowed: it must be an address of this machine (EADDRNOTAVAIL).`,
  ]);
});
