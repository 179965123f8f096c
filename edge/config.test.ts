import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../config/store-config.ts';
import { readEdgeConfig } from './config.ts';

test('defaults work on a laptop', () => {
  const config = readEdgeConfig({});
  assert.equal(config.port, 8080);
  assert.deepEqual(config.codecs, { http: 'wasm', grpc: 'typescript' });
  assert.equal(config.producer.durability, 'memory');
  assert.equal(config.rateLimit.perSecond, 0);
  assert.equal(config.trustProxy, false);
});

test('one codec for both paths', () => {
  assert.deepEqual(readEdgeConfig({ CODEC: 'wasm' }).codecs, { http: 'wasm', grpc: 'wasm' });
});

test('a bad value is named with what is allowed', () => {
  const rows: [Record<string, string>, RegExp][] = [
    [{ PORT: '70000' }, /PORT=70000 .* 0 to 65535/],
    [{ DURABILITY: 'disk' }, /DURABILITY=disk .* memory, replica, fsync/],
    [{ WAIT_TIMEOUT_MS: '1.5' }, /WAIT_TIMEOUT_MS=1\.5/],
    [{ CODEC: 'rust' }, /CODEC=rust/],
    [{ TRUST_PROXY: 'yes' }, /TRUST_PROXY=yes/],
    [{ PUBLIC_ORIGIN: 'vote.example.org/x' }, /PUBLIC_ORIGIN=vote\.example\.org\/x/],
  ];
  for (const [env, message] of rows) {
    assert.throws(
      () => readEdgeConfig(env),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});

test("an edge's name fits into an entry", () => {
  assert.equal(readEdgeConfig({ EDGE_NAME: `ñ${'x'.repeat(100)}` }).name, `?${'x'.repeat(63)}`);
});
