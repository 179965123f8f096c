import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../redis/redis-server.ts';
import { findTakenPorts } from './ports.ts';

test('a taken port is told with its variable, its value and the remedy', async () => {
  await using server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const problems = await findTakenPorts([
    { part: 'edge', variable: 'PORT', port, host: '' },
    { part: 'dashboard', variable: 'DASHBOARD_PORT', port: await freePort(), host: '::' },
  ]);
  expect(problems.length).toBe(1);
  expect(problems[0] ?? '').toMatch(
    new RegExp(`^PORT=${port} can't be had for the edge: another program listens there`),
  );
  expect(problems[0] ?? '').toMatch(/as PORT=\d+ npm start\.$/);
});

test('one port for two parts is told', async () => {
  const port = await freePort();
  const problems = await findTakenPorts([
    { part: 'edge', variable: 'PORT', port, host: '' },
    { part: 'dashboard', variable: 'DASHBOARD_PORT', port, host: '' },
  ]);
  expect(problems).toStrictEqual([
    `PORT and DASHBOARD_PORT are both ${port}: the edge and the dashboard need a port each.`,
  ]);
});

test('a host that is not of this machine is told by its own variable', async () => {
  // An address that is kept for documentation.
  const host = '192.0.2.1';
  const needed = [{ part: 'dashboard', variable: 'DASHBOARD_PORT', port: await freePort(), host }];
  expect(await findTakenPorts(needed)).toStrictEqual([
    `DASHBOARD_HOST=${host} is not allowed: it must be an address of this machine (EADDRNOTAVAIL).`,
  ]);
});
