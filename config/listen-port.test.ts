import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { onOwnPort } from './listen-port.ts';

test('a port that another program has is told by the variable that sets it', async () => {
  await using taken = createServer().listen(0);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const listen = () => once(createServer().listen(port), 'listening');
  await assert.rejects(onOwnPort('PORT', port, listen), {
    name: 'ConfigError',
    message: `PORT=${port} is not allowed: it must be a port where no other program listens.`,
  });
  await assert.rejects(
    onOwnPort('PORT', port, () => Promise.reject(new Error('something else'))),
    { message: 'something else' },
  );
});
