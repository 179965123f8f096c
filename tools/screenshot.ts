import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { build } from '../supervisor/build/build.ts';
import { readStartConfig } from '../supervisor/config.ts';
import { startSystem } from '../supervisor/running-system.ts';

/**
 * `npm run screenshot`: runs Votewire on free ports, votes for a while, and writes the picture of the dashboard that the
 * README shows.
 */
const OUTPUT = 'docs/dashboard.png';
const VOTING_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'votewire-screenshot-'));
await build({ onLine: console.log });
const config = await readStartConfig({
  ...process.env,
  PORT: '0',
  DASHBOARD_PORT: '0',
  REDIS_PORT: '0',
  DATA_DIR: dataDir,
});
const system = await startSystem(config, { onLine: () => undefined, onActivity: (text) => console.log(text) });
try {
  await system.seedOnce();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 960 }, deviceScaleFactor: 1.5 });
    await page.goto(`http://127.0.0.1:${config.dashboard.port}/`);
    for (let visit = 0; visit < 7; visit++) await fetch(`${system.edgeUrl}/visits`);
    await voteFor(VOTING_MS, system.edgeUrl);
    await page.screenshot({ path: OUTPUT });
  } finally {
    await browser.close();
  }
} finally {
  await system.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
console.log(OUTPUT);

/** Votes in waves, as an audience does. */
async function voteFor(ms: number, edgeUrl: string): Promise<void> {
  let voter = 0;
  for (const until = Date.now() + ms; Date.now() < until; await delay(100)) {
    const wave = 4 + Math.round(4 * Math.sin(Date.now() / 2500));
    const votes = Array.from({ length: wave }, () => {
      voter += 1;
      const choice = voter % 5 < 2 ? 'dogs' : 'cats';
      return JSON.stringify({ contest: 'cats-vs-dogs', choice, voter: `guest-${voter}` });
    });
    const headers = { 'content-type': 'application/x-ndjson' };
    await fetch(`${edgeUrl}/v1/votes`, { method: 'POST', headers, body: votes.join('\n') });
  }
}
