import { Hono } from 'hono';
import { NONCE } from 'hono/secure-headers';
import { expect, test } from 'vitest';
import { securityHeaders } from './security-headers.ts';

test('every answer has the headers, and a policy set by a handler is kept', async () => {
  const app = new Hono();
  app.use(securityHeaders());
  app.get('/own', (c) => c.text('', 200, { 'content-security-policy': 'sandbox' }));
  const missing = await app.request('/missing');
  expect(missing.headers.get('x-content-type-options')).toBe('nosniff');
  expect(missing.headers.get('x-frame-options')).toBe('DENY');
  expect(missing.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
  expect((await app.request('/own')).headers.get('content-security-policy')).toBe('sandbox');
});

test('a page may allow its inline style with a nonce that is unique per answer', async () => {
  const app = new Hono<{ Variables: { secureHeadersNonce?: string } }>();
  app.use(securityHeaders({ style: ["'self'", NONCE] }));
  app.get('/', (c) => c.text(c.get('secureHeadersNonce') ?? ''));
  const nonces = await Promise.all(
    [1, 2].map(async () => {
      const response = await app.request('/');
      const nonce = await response.text();
      expect(response.headers.get('content-security-policy')).toContain(`style-src 'self' 'nonce-${nonce}';`);
      return nonce;
    }),
  );
  expect(new Set(nonces).size).toBe(2);
});
