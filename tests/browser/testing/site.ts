import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, assert, beforeAll, expect } from 'vitest';
import { openSettings } from '../../../store/deployment/settings.ts';
import { openRedis } from '../../../store/redis/redis.ts';
import { readStartConfig } from '../../../supervisor/config.ts';
import { type RunningSystem, startSystem } from '../../../supervisor/running-system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { findChromium, launchChromium } from './chromium.ts';

export const ADMIN_TOKEN = 'the-token-of-the-browser-test';

/** Why browser tests are skipped on this machine; false if there is a browser. */
export const noBrowser = findChromium() === undefined && 'there is no Chromium on this machine';

/** A complete Votewire and a browser. */
export interface Site {
  /** Addresses without a trailing slash. */
  readonly dashboard: string;
  readonly edge: string;
  readonly system: RunningSystem;
  /** The key that signs cookies. */
  secret(): Promise<Buffer>;
  /** Opens a new browser profile. Console errors, page errors and requests to other hosts fail the test. */
  openContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page of the dashboard in a new context. */
  openPage(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** For tests that make requests fail, which the browser reports as errors. */
  allowFaults(): void;
  /** Sends a request to `/api/contests` with the admin token. */
  askAsAdmin(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown): Promise<void>;
  /** Casts votes through the edge in one batch. */
  cast(votes: readonly TestVote[]): Promise<void>;
  /** Creates a contest for the calling test, and waits until the edge has it. */
  createContest(contest: TestContest): Promise<void>;
}

export interface TestVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface TestContest {
  readonly id: string;
  readonly title: string;
  readonly rule: 'open' | 'one-per-voter';
  readonly options: readonly { readonly id: string; readonly label?: string }[];
  readonly hidden?: boolean;
  readonly opensAt?: string;
  readonly closesAt?: string;
}

/** Starts a site before the tests of the calling suite, and stops it after them. */
export function useSite(env: Readonly<Record<string, string>> = {}): Site {
  const stack = new AsyncDisposableStack();
  let started: { system: RunningSystem; browser: Browser; dashboard: string; edge: string } | undefined;
  let faults: string[] = [];
  let faultsAllowed = false;
  const running = () => {
    assert(started !== undefined, 'the site has not started');
    return started;
  };

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'votewire-browser-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const free = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0', CONSUMERS: '1' };
    const config = await readStartConfig({ ...process.env, ...free, DATA_DIR: dir, ADMIN_TOKEN, ...env });
    const system = await startSystem(config, { onLine: () => undefined, onActivity: () => undefined });
    stack.defer(() => system.stop());
    const browser = await launchChromium(findChromium() ?? '');
    stack.defer(() => browser.close());
    started = {
      system,
      browser,
      dashboard: `http://localhost:${config.dashboard.port}`,
      edge: `http://localhost:${config.edge.port}`,
    };
  });
  afterAll(() => stack.disposeAsync());
  afterEach(() => {
    const found = faultsAllowed ? [] : faults;
    faults = [];
    faultsAllowed = false;
    expect(found).toStrictEqual([]);
  });

  const site: Site = {
    get dashboard() {
      return running().dashboard;
    },
    get edge() {
      return running().edge;
    },
    get system() {
      return running().system;
    },
    async secret() {
      await using redis = openRedis({ urls: running().system.redisUrls, name: 'browser-test' });
      await redis.whenReady();
      return (await openSettings(redis, { partitions: undefined, secret: undefined })).secret;
    },
    allowFaults() {
      faultsAllowed = true;
    },
    async openContext(options = {}) {
      const { browser, dashboard, edge } = running();
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(15_000);
      context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
      });
      context.on('weberror', (error) => faults.push(`error: ${error.error().message}`));
      context.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        const isOwn = protocol === 'data:' || protocol === 'blob:' || origin === dashboard || origin === edge;
        if (!isOwn) faults.push(`outside: ${request.url()}`);
      });
      return context;
    },
    async openPage(path, options = {}) {
      const page = await (await site.openContext(options)).newPage();
      await page.goto(running().dashboard + path);
      return page;
    },
    async askAsAdmin(method, path, body) {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
      const address = `${running().dashboard}/api/contests${path}`;
      const response = await fetch(address, { method, headers, body: JSON.stringify(body) });
      assert(response.ok, await response.text());
    },
    async cast(votes) {
      const body = votes.map((vote) => JSON.stringify(vote)).join('\n');
      const headers = { 'content-type': 'application/x-ndjson' };
      const response = await fetch(`${running().edge}/v1/votes`, { method: 'POST', headers, body });
      expect(await response.json()).toStrictEqual({ accepted: votes.length, rejected: [] });
    },
    async createContest(contest) {
      await site.askAsAdmin('POST', '', contest);
      const address = `${running().edge}/v1/contests/${contest.id}`;
      await waitFor(async () => (await fetch(address)).ok, { what: `contest ${contest.id} at the edge` });
    },
  };
  return site;
}

/** The pages of the dashboard with contests that every site has. */
export const PAGES = [
  '/',
  '/contests/cats-vs-dogs',
  '/contests/bandas',
  '/contests/bandas?stage',
  '/log',
  '/system',
  '/bench',
];

/** Votes in the two default contests, by voters `seed-0` to `seed-39`. */
export const SEED_VOTES: readonly TestVote[] = Array.from({ length: 40 }, (_, n) =>
  n % 2 === 0
    ? { contest: 'cats-vs-dogs', choice: n % 6 === 0 ? 'dogs' : 'cats', voter: `seed-${n}` }
    : {
        contest: 'bandas',
        choice: 'la-tona',
        voter: `seed-${n}`,
        attributes: { album: 'Tona', year: '1996', rank: '7' },
      },
);
