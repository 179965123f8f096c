import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenOnPort } from './listen-port.ts';

test('the error for a port in use names the variable that sets it', async () => {
  await using taken = createServer().listen(0);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const listen = () => once(createServer().listen(port), 'listening');
  await expect(listenOnPort('PORT', port, listen)).rejects.toMatchObject({
    name: 'ConfigError',
    message: `Port ${port} (PORT) is already in use`,
  });
  await expect(listenOnPort('PORT', port, () => Promise.reject(new Error('something else')))).rejects.toMatchObject({
    message: 'something else',
  });
});

test('the error for an address of another machine names the variable that sets it', async () => {
  // 192.0.2.0/24 is reserved for documentation (RFC 5737).
  const listen = () => once(createServer().listen(0, '192.0.2.1'), 'listening');
  await expect(listenOnPort('DASHBOARD_PORT', 0, listen)).rejects.toMatchObject({
    name: 'ConfigError',
    message: 'DASHBOARD_HOST must be an address of this machine (EADDRNOTAVAIL); got "192.0.2.1"',
  });
});
