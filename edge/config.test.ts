import { expect, test } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { thrown } from '../tests/support/thrown.ts';
import { readEdgeConfig } from './config.ts';

test('defaults work on a laptop', () => {
  const config = readEdgeConfig({});
  expect(config.port).toBe(8080);
  expect(config.codecs).toStrictEqual({ http: 'wasm', grpc: 'wasm' });
  expect(config.producer.durability).toBe('memory');
  expect(config.rateLimit.perSecond).toBe(0);
  expect(config.trustProxy).toStrictEqual({ hops: 0 });
  expect(config.ingress).toBe('direct');
});

test('one codec for both protocols', () => {
  expect(readEdgeConfig({ CODEC: 'typescript' }).codecs).toStrictEqual({ http: 'typescript', grpc: 'typescript' });
});

test('an error names the invalid value and the allowed ones', () => {
  const rows: [Record<string, string>, RegExp][] = [
    [{ PORT: '70000' }, /PORT .* 0 to 65535; got "70000"/],
    [{ DURABILITY: 'disk' }, /DURABILITY .* memory, replica, fsync; got "disk"/],
    [{ WAIT_TIMEOUT_MS: '1.5' }, /WAIT_TIMEOUT_MS must be .*; got "1\.5"/],
    [{ VOTER_SECRETS: 'a secret of some length,short' }, /VOTER_SECRETS must be secrets of at least 16 characters/],
    [{ PRODUCER_KEYS: 'tv' }, /PRODUCER_KEYS must be entries .* entry 1 is not/],
    [{ INGRESS: 'both' }, /INGRESS .* direct, framework; got "both"/],
    [{ CODEC: 'rust' }, /CODEC must be .*; got "rust"/],
    [{ TRUST_PROXY: 'yes' }, /TRUST_PROXY must be .*; got "yes"/],
    [{ PUBLIC_ORIGIN: 'vote.example.org/x' }, /PUBLIC_ORIGIN must be .*; got "vote\.example\.org\/x"/],
  ];
  for (const [env, message] of rows) {
    expect(thrown(() => readEdgeConfig(env))).toSatisfy(
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});

test("an edge's name fits in an entry", () => {
  expect(readEdgeConfig({}).name).toMatch(/^[ -~]{1,64}$/);
  for (const name of ['x'.repeat(65), 'ñ']) {
    expect(() => readEdgeConfig({ EDGE_NAME: name })).toThrow(/^EDGE_NAME must be 1 to 64 printable ASCII characters/);
  }
});
