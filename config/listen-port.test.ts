import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { onOwnPort } from './listen-port.ts';

test('a port that another program has is told by the variable that sets it', async () => {
  await using taken = createServer().listen(0);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const listen = () => once(createServer().listen(port), 'listening');
  await expect(onOwnPort('PORT', port, listen)).rejects.toMatchObject({
    name: 'ConfigError',
    message: `PORT=${port} is not allowed: it must be a port where no other program listens.`,
  });
  await expect(onOwnPort('PORT', port, () => Promise.reject(new Error('something else')))).rejects.toMatchObject({
    message: 'something else',
  });
});
