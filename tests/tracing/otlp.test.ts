import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, expect, test } from 'vitest';
import { type EdgeRuntime, startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { scriptChild } from '../support/child.ts';
import { waitFor } from '../support/wait-for.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CLIENT_SPAN = '00f067aa0ba902b7';

test.each<EdgeRuntime>(['node', 'bun', 'deno'])(
  'an edge on %s and a consumer export one trace over OTLP/HTTP, and stop promptly',
  async (runtime) => {
    await using opened = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'votewire-otlp-'));
    opened.defer(() => rm(dir, { recursive: true, force: true }));
    const redis = opened.use(await startRedisServer({ dir }));
    const receiver = opened.use(await startOtlpReceiver());
    const env = {
      REDIS_URL: redis.url,
      DATA_DIR: dir,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    };
    const edge = opened.use(await startEdgeProcess(runtime, env));
    const consumer = opened.use(scriptChild('consumer', 'consumer/main.ts', env));
    consumer.start();
    const cast = (headers: Record<string, string>) =>
      fetch(`${edge.httpUrl}/v1/votes?wait=counted`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' }),
      });
    // Not sampled, because the sampling ratio is 0 and there is no parent.
    expect((await cast({})).ok).toBe(true);
    expect((await cast({ traceparent: `00-${TRACE}-${CLIENT_SPAN}-01` })).ok).toBe(true);
    await waitFor(() => receiver.spans.length >= 4, { what: 'four spans', timeoutMs: 20_000 });

    const { spans } = receiver;
    expect(new Set(spans.map(({ traceId }) => traceId))).toStrictEqual(new Set([TRACE]));
    const [ingress, stream] = ['POST', 'XADD'].map((kind) => spans.find(({ name }) => name.startsWith(kind)));
    assert(ingress && stream);
    expect([ingress.parentSpanId, ingress.service]).toStrictEqual([CLIENT_SPAN, 'votewire-edge']);
    expect([stream.parentSpanId, stream.service]).toStrictEqual([ingress.spanId, 'votewire-edge']);
    for (const group of ['tally', 'log']) {
      const span = spans.find(({ name }) => name.startsWith(`${group} {p`));
      assert(span, group);
      expect([span.parentSpanId, span.service]).toStrictEqual([stream.spanId, 'votewire-consumer']);
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    }
    expect(spans.length).toBe(4);
    expect(receiver.headers['x-tenant']).toBe('a b');
    // The process exports remaining spans before it exits.
    expect((await cast({ traceparent: `00-${TRACE}-${CLIENT_SPAN}-01` })).ok).toBe(true);
    expect((await edge.stop()).code).toBe(0);
    await waitFor(() => spans.filter(({ name }) => name.startsWith('POST')).length === 2, { what: 'the last span' });
  },
);

test('an unavailable collector delays neither votes nor the exit', async () => {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-otlp-'));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = opened.use(await startRedisServer({ dir }));
  const env = { REDIS_URL: redis.url, DATA_DIR: dir, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
  const edge = opened.use(await startEdgeProcess('node', env));
  for (let i = 0; i < 20; i++) {
    const answer = await fetch(`${edge.httpUrl}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: `v${i}` }),
    });
    expect(answer.status).toBe(202);
  }
  const { code, ms } = await edge.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(5000);
});
