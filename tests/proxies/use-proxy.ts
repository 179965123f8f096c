import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, beforeAll } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import type { FrontProxy, ProxyKind } from './proxy.ts';

/**
 * Starts a proxy before the tests of the calling suite, and stops it after them.
 *
 * @param address returns the address of the edge once it has started
 */
export function useProxy(kind: ProxyKind, address: () => string): () => FrontProxy {
  const stack = new AsyncDisposableStack();
  let proxy: FrontProxy | undefined;
  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'votewire-proxy-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const started = stack.use(await kind.start(dir, address()));
    const answers = () =>
      fetch(`${started.httpUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitFor(answers, { what: `${kind.name} answers` });
    proxy = started;
  });
  afterAll(() => stack.disposeAsync());
  return () => {
    assert(proxy !== undefined, `${kind.name} has not started`);
    return proxy;
  };
}
