import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

// The browser makes no connections beyond the page under test.
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // No other host resolves, so everything that a page needs must come from this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/**
 * The browser of this machine: `CHROMIUM`, or one at the usual places; undefined if there is none, and browser tests
 * are skipped.
 */
export function findChromium(): string | undefined {
  const own = process.env.CHROMIUM;
  return own !== undefined && own !== '' ? own : PATHS.find((path) => existsSync(path));
}

/** Starts a headless browser; the caller closes it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: ARGS, timeout: 30_000 });
}
