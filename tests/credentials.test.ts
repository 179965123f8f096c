import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey } from '../config/secrets/hashed-keys.ts';
import type { AccessToken } from '../dashboard/server/access/access-tokens.ts';
import { LogSessions } from '../dashboard/server/access/log-session.ts';
import {
  ADMIN_TOKEN,
  type DashboardFixture,
  startDashboardFixture,
} from '../dashboard/server/testing/dashboard-fixture.ts';
import { CookieSigner } from '../edge/http/voter/cookie-signer.ts';
import { type EdgeProcess, startEdgeProcess } from '../edge/testing/edge-process.ts';
import { startSuiteCounter } from '../edge/testing/suite-counter.ts';
import { VoteService } from '../proto/gen/votewire/v1/service_pb.ts';

/**
 * Tries every credential at every access point ("door") of a deployment: each is accepted only where it is valid, and
 * rejected everywhere else with the code of the door. Forged, expired and rotated-out credentials are rejected
 * everywhere.
 */
const EVA = 'a-token-of-eva';
const READER = 'the-token-of-readers';
const PRODUCER = 'the-key-of-a-producer';
const ROTATED = 'an-old-key-that-was-removed';
const VOTER_SECRETS = ['the newest voter secret', 'an older voter secret'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VOTE = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const hash = (key: string) => hashKey(key).toString('hex');
let requests = 0;
/** A different client address per request, because one address would use up its attempts with wrong tokens. */
const remote = () => ({ 'x-forwarded-for': `198.51.100.${++requests % 256}` });

let dashboard: DashboardFixture;
let edge: EdgeProcess;

beforeAll(async () => {
  dashboard = await startDashboardFixture({
    READ_TOKEN: READER,
    ADMIN_TOKENS: `eva:${hash(EVA)}`,
    TRUST_PROXY: 'true',
  });
  edge = await startEdgeProcess('node', {
    REDIS_URL: dashboard.redisServer.url,
    DATA_DIR: dashboard.dir,
    PRODUCER_KEYS: `tv:${hash(PRODUCER)}`,
    VOTER_SECRETS: VOTER_SECRETS.join(','),
    // No consumer is running.
    WAIT_TIMEOUT_MS: '200',
  });
});

afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await dashboard?.[Symbol.asyncDispose]();
});

async function codeOf(answer: Response): Promise<string> {
  if (answer.status < 400) return 'ok';
  const text = await answer.text();
  return answer.headers.get('content-type')?.includes('json')
    ? ((JSON.parse(text) as { code: string }).code ?? text)
    : `${answer.status}`;
}

/** Ways to present a credential; each resolves to `ok` or the code of the rejection. */
const doors = {
  async vote(key: string) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return codeOf(await fetch(`${edge.httpUrl}/v1/votes`, { method: 'POST', headers, body: JSON.stringify(VOTE) }));
  },
  async 'gRPC vote'(key: string) {
    const client = createClient(VoteService, createGrpcTransport({ baseUrl: edge.httpUrl }));
    const call = client.castVote({ vote: VOTE }, { headers: { authorization: `Bearer ${key}` } });
    return call.then(
      () => 'ok',
      (error: unknown) => (ConnectError.from(error).code === Code.Unauthenticated ? 'unauthenticated' : String(error)),
    );
  },
  async 'vote page'(cookie: string) {
    const headers = {
      cookie: `voter=${cookie}`,
      origin: edge.httpUrl,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const body = 'contest=cats-vs-dogs&choice=cats';
    const init = { method: 'POST', headers, body, redirect: 'manual' } as const;
    return codeOf(await fetch(`${edge.httpUrl}/v1/votes`, init));
  },
  async administration(token: string) {
    const headers = { ...remote(), authorization: `Bearer ${token}` };
    return codeOf(await fetch(`${dashboard.url}/api/admin`, { headers }));
  },
  async 'log by token'(token: string) {
    return codeOf(
      await fetch(`${dashboard.url}/api/logs`, { headers: { ...remote(), authorization: `Bearer ${token}` } }),
    );
  },
  async 'log by cookie'(cookie: string) {
    return codeOf(
      await fetch(`${dashboard.url}/api/logs`, { headers: { ...remote(), cookie: `votewire-log=${cookie}` } }),
    );
  },
};

type Door = keyof typeof doors;

/** The answer of each door to a credential that is not valid there. */
const REFUSALS: Readonly<Record<Door, string>> = {
  vote: 'unauthenticated',
  'gRPC vote': 'unauthenticated',
  'vote page': '401',
  administration: 'unauthenticated',
  'log by token': 'unauthenticated',
  'log by cookie': 'unauthenticated',
};

const token = (name: string, value: string, role: AccessToken['role']): AccessToken => ({
  name,
  role,
  digest: hashKey(value),
});
const logCookie = (one: AccessToken, at = Date.now(), secret: Uint8Array = dashboard.secret) =>
  new LogSessions(secret, [one], () => at).open(one);
const voterCookie = (secret: string, daysAgo = 0, purpose = 'voter') => {
  const seconds = Math.floor((Date.now() - daysAgo * DAY_MS) / 1000).toString(36);
  return new CookieSigner([secret]).sign(purpose, `web-AAAAAAAAAAAAAAAAAAAAAA~${seconds}`);
};
const reader = token('reader', READER, 'reader');
const [newest = '', older = ''] = VOTER_SECRETS;

interface Credential {
  readonly value: () => string;
  /** Doors that accept it, and doors that reject it with a different code. */
  readonly opens?: readonly Door[];
  readonly codes?: Readonly<Partial<Record<Door, string>>>;
}

const credentials: Readonly<Record<string, Credential>> = {
  'a producer key': { value: () => PRODUCER, opens: ['vote', 'gRPC vote'] },
  'a producer key that was rotated out': { value: () => ROTATED },
  'the hash of a producer key': { value: () => hash(PRODUCER) },
  'the admin token': { value: () => ADMIN_TOKEN, opens: ['administration', 'log by token'] },
  'a named admin token': { value: () => EVA, opens: ['administration', 'log by token'] },
  'the hash of an admin token': { value: () => hash(EVA) },
  'the read token': { value: () => READER, opens: ['log by token'], codes: { administration: 'forbidden' } },
  'a log cookie': { value: () => logCookie(reader), opens: ['log by cookie'] },
  'a log cookie of an admin': { value: () => logCookie(token('eva', EVA, 'admin')), opens: ['log by cookie'] },
  'an expired log cookie': { value: () => logCookie(reader, Date.now() - 13 * HOUR_MS) },
  'a log cookie of the future': { value: () => logCookie(reader, Date.now() + HOUR_MS) },
  'a log cookie of a token that was rotated out': { value: () => logCookie(token('reader', ROTATED, 'reader')) },
  'a log cookie under another secret': { value: () => logCookie(reader, Date.now(), Buffer.alloc(32, 1)) },
  'a voter cookie': { value: () => voterCookie(newest), opens: ['vote page'] },
  'a voter cookie of an older secret': { value: () => voterCookie(older), opens: ['vote page'] },
  'a voter cookie of a secret that was rotated out': { value: () => voterCookie('a removed voter secret') },
  'an expired voter cookie': { value: () => voterCookie(newest, 366) },
  'a cookie that remembers a choice': { value: () => voterCookie(newest, 0, 'choice bandas') },
  'a forged voter cookie': { value: () => voterCookie(newest).replace('web-A', 'web-B') },
  nothing: { value: () => '' },
};

for (const [name, { value, opens = [], codes = {} }] of Object.entries(credentials)) {
  describe(name, () => {
    test.each(Object.entries(doors))('%s', async (door, present) => {
      const expected = opens.includes(door as Door) ? 'ok' : (codes[door as Door] ?? REFUSALS[door as Door]);
      expect(await present(value())).toBe(expected);
    });
  });
}

test('a replayed vote counts once, and no sequence may be far ahead of the clock', async () => {
  await using _counter = await startSuiteCounter(dashboard.redisServer.url);
  const headers = { authorization: `Bearer ${PRODUCER}`, 'content-type': 'application/json' };
  const cast = async (sequence: number) => {
    const body = JSON.stringify({ ...VOTE, voter: 'bob', sequence });
    const answer = await fetch(`${edge.httpUrl}/v1/votes?wait=counted`, { method: 'POST', headers, body });
    return { status: answer.status, body: (await answer.json()) as { code?: string } };
  };
  const total = async () => {
    const answer = await fetch(`${edge.httpUrl}/v1/contests/${VOTE.contest}/results`);
    return ((await answer.json()) as { total: number }).total;
  };
  // All votes of the previous tests: ana's, and the one of the voter cookies.
  await expect.poll(total, { timeout: 10_000 }).toBe(2);
  for (let n = 0; n < 5; n++) expect((await cast(5)).status).toBeLessThan(300);
  const ahead = await cast(Number.MAX_SAFE_INTEGER);
  expect(ahead).toMatchObject({ status: 422, body: { code: 'out_of_range' } });
  await expect.poll(total, { timeout: 10_000 }).toBe(3);
});
