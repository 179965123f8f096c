import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from '../supervisor/build/build.ts';
import { readStartConfig } from '../supervisor/config.ts';
import { startSystem } from '../supervisor/running-system.ts';
import { findChromium, launchChromium } from '../tests/browser/testing/chromium.ts';

/** `npm run screenshots`: every page at 390 and 1440 px, light and dark, and the stage at 1920 px, for people to look at. */
const FOLDER = 'data/screenshots';
const PAGES = ['/', '/contests/cats-vs-dogs', '/contests/bandas', '/log', '/system', '/bench'];
const VOTE_PAGES = ['/', '/c/cats-vs-dogs', '/c/bandas'];
const STAGES = ['cats-vs-dogs', 'bandas', 'visits'];

const dataDir = mkdtempSync(join(tmpdir(), 'votewire-screenshots-'));
await build({ onLine: console.log });
const free = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0' };
const config = await readStartConfig({ ...process.env, ...free, DATA_DIR: dataDir });
const system = await startSystem(config, { onLine: () => undefined, onActivity: (text) => console.log(text) });
const dashboard = `http://localhost:${config.dashboard.port}`;
mkdirSync(FOLDER, { recursive: true });
try {
  await system.seedOnce();
  const browser = await launchChromium(findChromium() ?? '/usr/bin/chromium');
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1440]) {
        const size = { width, height: 900, colorScheme };
        for (const path of PAGES) await take(browser, dashboard + path, { ...size, name: `dashboard ${path}` });
        for (const path of VOTE_PAGES) await take(browser, system.edgeUrl + path, { ...size, name: `vote ${path}` });
      }
      for (const id of STAGES) {
        const size = { width: 1920, height: 1080, colorScheme };
        await take(browser, `${dashboard}/contests/${id}?stage`, { ...size, name: `stage ${id}` });
      }
    }
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
}

async function take(browser: Browser, address: string, { name, width, height, colorScheme }: Shot): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
  const file = `${name}-${width}-${colorScheme}.png`.replaceAll(/[ /]+/g, '-');
  await page.screenshot({ path: join(FOLDER, file), fullPage: true });
  console.log(join(FOLDER, file));
  await context.close();
}
