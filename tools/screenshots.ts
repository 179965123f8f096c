import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { build } from '../supervisor/build/build.ts';
import { readStartConfig } from '../supervisor/config.ts';
import { startSystem } from '../supervisor/running-system.ts';
import { findChromium, launchChromium } from '../tests/browser/testing/chromium.ts';
import { SAMPLE_CONTESTS, sampleVotes } from './screenshots/sample-contests.ts';

/**
 * `npm run screenshots [-- WORD...]`: takes every page at 390 and 1440 px, light and dark, and the stage at 1920 px,
 * for visual review. With words, takes only pictures whose names contain one of them.
 */
const FOLDER = 'data/screenshots';
const ADMIN_TOKEN = 'the-token-of-the-screenshots';
const PAGES = [
  '/',
  '/contests/cats-vs-dogs',
  '/contests/bandas',
  '/contests/words',
  '/log',
  '/system',
  '/bench',
  '/nowhere',
];
const VOTE_PAGES = [
  '/',
  '/c/cats-vs-dogs',
  '/c/bandas',
  '/c/hall-8',
  '/c/closed',
  '/c/later',
  '/c/secret',
  '/c/nothing',
  '/c/unknown',
];
const STAGES = ['cats-vs-dogs', 'bandas', 'visits', 'hall-8', 'hall-40', 'words', 'closed', 'later', 'secret'];

const { positionals: words } = parseArgs({ allowPositionals: true });
const dataDir = mkdtempSync(join(tmpdir(), 'votewire-screenshots-'));
await build({ onLine: console.log });
const free = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0' };
const config = await readStartConfig({ ...process.env, ...free, DATA_DIR: dataDir, ADMIN_TOKEN, LOG_TTL_DAYS: '0' });
const system = await startSystem(config, { onLine: () => undefined, onActivity: (text) => console.log(text) });
const dashboard = `http://localhost:${config.dashboard.port}`;
mkdirSync(FOLDER, { recursive: true });
try {
  await system.seedOnce();
  await createSamples();
  const browser = await launchChromium(findChromium() ?? '/usr/bin/chromium');
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1440]) {
        const size = { width, height: 900, colorScheme };
        for (const path of PAGES) await take(browser, dashboard + path, { ...size, name: `dashboard ${path}` });
        for (const path of VOTE_PAGES) await take(browser, system.edgeUrl + path, { ...size, name: `vote ${path}` });
        await take(browser, `${system.edgeUrl}/c/cats-vs-dogs`, { ...size, name: 'vote voted', act: vote });
        await take(browser, `${system.edgeUrl}/c/cats-vs-dogs`, {
          ...size,
          name: 'vote es',
          act: vote,
          locale: 'es-GT',
        });
        await take(browser, `${system.edgeUrl}/c/bandas`, { ...size, name: 'vote receipt', act: openReceipt });
        await take(browser, `${dashboard}/log`, { ...size, name: 'dashboard one vote', act: openVote });
        await take(browser, `${dashboard}/`, { ...size, name: 'dashboard new contest', act: openNewContest });
        await take(browser, `${dashboard}/contests/closed`, { ...size, name: 'dashboard delete', act: openDelete });
        await take(browser, `${dashboard}/embed/cats-vs-dogs`, { ...size, name: 'embed' });
      }
      for (const id of STAGES) {
        const size = { width: 1920, height: 1080, colorScheme };
        await take(browser, `${dashboard}/contests/${id}?stage`, { ...size, name: `stage ${id}` });
      }
    }
    await take(browser, `${dashboard}/contests/bandas?stage`, {
      ...{ width: 1080, height: 1920, colorScheme: 'light', name: 'stage upright' },
    });
  } finally {
    await browser.close();
  }
} finally {
  await system.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

interface Shot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  readonly locale?: string;
  /** Runs before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
}

async function take(browser: Browser, address: string, shot: Shot): Promise<void> {
  const { name, width, height, colorScheme, locale = 'en-US', act } = shot;
  if (words.length > 0 && !words.some((word) => name.includes(word))) return;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
  await act?.(page);
  // Waits until the animations of charts and bars have ended.
  await delay(700);
  const file = `${name}-${width}-${colorScheme}.png`.replaceAll(/[ /]+/g, '-');
  // The viewport is as high as the page: otherwise the bottom bar of the phone layout covers part of the picture.
  const isLong = !name.startsWith('stage') && act === undefined;
  if (isLong) {
    const pageHeight = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, pageHeight) });
    await delay(200);
  }
  await page.screenshot({ path: join(FOLDER, file) });
  console.log(join(FOLDER, file));
  await context.close();
}

async function vote(page: Page): Promise<void> {
  await page.getByRole('button').first().click();
  await page.locator('.receipt[data-status="counted"]').waitFor();
}

async function openReceipt(page: Page): Promise<void> {
  await vote(page);
  await page.locator('.receipt a').click();
  await page.getByRole('heading', { name: 'Receipt' }).waitFor();
}

async function openVote(page: Page): Promise<void> {
  await page.locator('.log-table tbody button').first().click();
  await page.getByText('Log:').waitFor();
}

async function openNewContest(page: Page): Promise<void> {
  await page.getByRole('button', { name: /New contest/ }).click();
  await useToken(page);
}

async function openDelete(page: Page): Promise<void> {
  await page.getByText('Manage this contest').click();
  await useToken(page);
  await page.getByRole('button', { name: 'Delete …' }).click();
}

async function useToken(page: Page): Promise<void> {
  await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
  await page.keyboard.press('Enter');
  await page.getByLabel('Admin token').waitFor({ state: 'detached' });
}

async function createSamples(): Promise<void> {
  const ask = async (method: string, address: string, body: string, type: string) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type };
    const response = await fetch(address, { method, headers, body });
    if (!response.ok) throw new Error(await response.text());
  };
  for (const { status, ...contest } of SAMPLE_CONTESTS) {
    await ask('POST', `${dashboard}/api/contests`, JSON.stringify(contest), 'application/json');
    if (status === 'closed' || contest.opensAt === undefined) {
      while (!(await fetch(`${system.edgeUrl}/v1/contests/${contest.id}`)).ok) await delay(50);
      const votes = sampleVotes(contest).map((each) => JSON.stringify(each));
      if (votes.length === 0) continue;
      await ask('POST', `${system.edgeUrl}/v1/votes`, votes.join('\n'), 'application/x-ndjson');
    }
    if (status === 'closed') {
      await delay(1000);
      await ask('PATCH', `${dashboard}/api/contests/${contest.id}`, '{"status":"closed"}', 'application/json');
    }
  }
}
