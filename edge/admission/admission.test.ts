import { expect, test } from 'vitest';
import { hashKey } from '../../config/secrets/hashed-keys.ts';
import { isProblem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { Transport } from '../vote/transport.ts';
import { Admission } from './admission.ts';
import { parseProducerKeys } from './producers/producer-keys.ts';
import type { RequestView } from './views/request-view.ts';

const request = (headers: Record<string, string> = {}, peer = '10.0.0.1'): RequestView => ({
  peer,
  header: (name) => headers[name],
});
const OPEN = {
  publicOrigin: '',
  trustProxy: { hops: 0 },
  rateLimit: { perSecond: 0, burst: 1 },
  producerKeys: [],
  readsPerSecond: 0,
  newVotersPerMinute: 0,
};

function codeOf(admission: Admission, view: RequestView): ErrorCode | undefined {
  const result = admission.admit(view, Transport.HTTP);
  return isProblem(result) ? result.code : undefined;
}

test('admits every request without a quota, and the sender has its transport', () => {
  const admission = new Admission(OPEN);
  for (let i = 0; i < 1000; i++)
    expect(admission.admit(request(), Transport.GRPC)).toMatchObject({ transport: Transport.GRPC });
});

test('rejects a browser on another site, by Host over HTTP/1.1 and :authority over HTTP/2', () => {
  const admission = new Admission(OPEN);
  for (const host of ['host', ':authority']) {
    expect(codeOf(admission, request({ origin: 'http://vote.example', [host]: 'vote.example' })), host).toBe(undefined);
    expect(codeOf(admission, request({ origin: 'https://vote.example', [host]: 'vote.example' })), host).toBe(
      undefined,
    );
    expect(codeOf(admission, request({ origin: 'https://evil.example', [host]: 'vote.example' })), host).toBe(
      ErrorCode.FORBIDDEN,
    );
  }
  expect(codeOf(admission, request({ origin: 'null', host: 'vote.example' }))).toBe(ErrorCode.FORBIDDEN);
  const proxied = new Admission({ ...OPEN, publicOrigin: 'https://vote.example' });
  expect(codeOf(proxied, request({ origin: 'https://vote.example', host: '10.0.0.9' }))).toBe(undefined);
});

test('the quota is per address, taken from X-Forwarded-For only behind a trusted proxy', () => {
  const rateLimit = { perSecond: 1, burst: 1 };
  const direct = new Admission({ ...OPEN, rateLimit });
  expect(codeOf(direct, request({ 'x-forwarded-for': '1.1.1.1' }))).toBe(undefined);
  expect(codeOf(direct, request({ 'x-forwarded-for': '2.2.2.2' }))).toBe(ErrorCode.RATE_LIMITED);
  const proxied = new Admission({ ...OPEN, rateLimit, trustProxy: { hops: 1 } });
  expect(codeOf(proxied, request({ 'x-forwarded-for': '1.1.1.1' }))).toBe(undefined);
  expect(codeOf(proxied, request({ 'x-forwarded-for': '2.2.2.2' }))).toBe(undefined);
  expect(codeOf(proxied, request({ 'x-forwarded-for': 'forged, 2.2.2.2' }))).toBe(ErrorCode.RATE_LIMITED);
});

test('a batch is charged in full', () => {
  const admission = new Admission({ ...OPEN, rateLimit: { perSecond: 0.001, burst: 10 } });
  expect(codeOf(admission, request())).toBe(undefined);
  admission.charge(request(), 10);
  expect(codeOf(admission, request())).toBe(ErrorCode.RATE_LIMITED);
});

test('with producer keys set, programs need one; browsers never do', () => {
  const hash = (key: string) => hashKey(key).toString('hex');
  const producerKeys = parseProducerKeys(`tv:${hash('one')},web:${hash('two')}:bandas`);
  const admission = new Admission({ ...OPEN, producerKeys });
  for (const authorization of [undefined, '', 'one', 'Bearer', 'Bearer three', 'Basic one', `Bearer ${hash('one')}`]) {
    const view = request(authorization === undefined ? {} : { authorization });
    expect(codeOf(admission, view), `${authorization}`).toBe(ErrorCode.UNAUTHENTICATED);
  }
  for (const transport of [Transport.HTTP, Transport.GRPC, Transport.CONNECT]) {
    const one = admission.admit(request({ authorization: 'Bearer one' }), transport);
    expect(one).toStrictEqual({ transport, browser: false, contests: undefined });
    const two = admission.admit(request({ authorization: 'bearer two' }), transport);
    expect(two).toStrictEqual({ transport, browser: false, contests: new Set(['bandas']) });
  }
  expect(admission.admitBrowser(request())).toMatchObject({ browser: true });
});

test('a wrong key does not use up the quota', () => {
  const producerKeys = parseProducerKeys(`tv:${hashKey('one').toString('hex')}`);
  const admission = new Admission({ ...OPEN, producerKeys, rateLimit: { perSecond: 0.001, burst: 1 } });
  for (let i = 0; i < 5; i++) {
    expect(codeOf(admission, request({ authorization: 'Bearer no' }))).toBe(ErrorCode.UNAUTHENTICATED);
  }
  expect(codeOf(admission, request({ authorization: 'Bearer one' }))).toBe(undefined);
});

test('reads and new voters have separate quotas', () => {
  const admission = new Admission({ ...OPEN, readsPerSecond: 1, newVotersPerMinute: 2 });
  expect(admission.admitRead(request())).toMatchObject({ name: 'reads', limit: 2, remaining: 1 });
  expect(admission.admitRead(request())).toMatchObject({ remaining: 0 });
  expect(admission.admitRead(request())).toMatchObject({ code: ErrorCode.RATE_LIMITED });
  expect(admission.admitRead(request({}, '10.0.0.2'))).toMatchObject({ remaining: 1 });
  expect([1, 2, 3].map(() => admission.admitNewVoter(request())?.code)).toStrictEqual([
    undefined,
    undefined,
    ErrorCode.RATE_LIMITED,
  ]);
  expect(admission.admitNewVoter(request())?.detail).toMatch(/more than 2 new voters per minute/);
  expect(codeOf(admission, request())).toBe(undefined);
});
