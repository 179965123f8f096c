import { expect, test } from 'vitest';
import { readBody } from './read-body.ts';

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
const chunks = (...parts: string[]) =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(Buffer.from(part));
      controller.close();
    },
  });

test('reads a whole body in one or many chunks', async () => {
  expect(Buffer.from((await readBody(post('abc'), 3)) ?? '').toString()).toBe('abc');
  expect(Buffer.from((await readBody(post(chunks('ab', '', 'c')), 3)) ?? '').toString()).toBe('abc');
  expect((await readBody(new Request('http://localhost/'), 3))?.length).toBe(0);
});

test('stops reading a body that exceeds the limit', async () => {
  expect(await readBody(post('abcd', { 'content-length': '4' }), 3)).toBe(undefined);
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(Buffer.from('ab'));
    },
  });
  expect(await readBody(post(endless), 3)).toBe(undefined);
  expect(pulled).toBeLessThan(5);
});
