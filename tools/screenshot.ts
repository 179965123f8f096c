import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from '../supervisor/build/build.ts';
import { readStartConfig } from '../supervisor/config.ts';
import { startSystem } from '../supervisor/running-system.ts';
import { findChromium, launchChromium } from '../tests/browser/testing/chromium.ts';

/**
 * `npm run screenshot`: runs Votewire on free ports, votes for a while, and writes the README's pictures of the
 * dashboard, the stage and the vote page.
 */
const DASHBOARD = 'docs/dashboard.png';
const STAGE = 'docs/stage.png';
const VOTE = 'docs/vote.png';
const VOTING_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'votewire-screenshot-'));
await build({ onLine: console.log });
const config = await readStartConfig({
  ...process.env,
  PORT: '0',
  DASHBOARD_PORT: '0',
  REDIS_PORT: '0',
  VOTE_URL: 'https://vote.example.org',
  DATA_DIR: dataDir,
});
const system = await startSystem(config, { onLine: () => undefined, onActivity: (text) => console.log(text) });
const dashboard = `http://127.0.0.1:${config.dashboard.port}`;
try {
  await system.seedOnce();
  const browser = await launchChromium(findChromium() ?? '/usr/bin/chromium');
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 960 }, deviceScaleFactor: 1.5 });
    await page.goto(dashboard);
    const stage = await browser.newPage({ viewport: { width: 1920, height: 1080 }, colorScheme: 'dark' });
    await stage.goto(`${dashboard}/contests/cats-vs-dogs?stage`);
    const phone = await browser.newPage({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 });
    await phone.goto(`${system.edgeUrl}/c/cats-vs-dogs`);
    for (let visit = 0; visit < 7; visit++) await fetch(`${system.edgeUrl}/visits`);
    await voteFor(VOTING_MS, system.edgeUrl);
    await page.screenshot({ path: DASHBOARD });
    await stage.screenshot({ path: STAGE });
    await phone.getByRole('button', { name: /Cats/ }).click();
    await phone.locator('.receipt[data-status="counted"]').waitFor();
    await phone.screenshot({ path: VOTE });
  } finally {
    await browser.close();
  }
} finally {
  await system.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
for (const picture of [DASHBOARD, STAGE, VOTE]) console.log(picture);

/** Votes in waves, like an audience. */
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
