import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'vitest';

test('leaves a process running', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  child.unref();
  await once(child, 'spawn');
});
