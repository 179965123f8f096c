import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { findViolations } from '../../../tests/browser/testing/audit.ts';
import { testNeeding } from '../../../tests/support/needing.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { toHtml } from './page.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

test('escapes external text', () => {
  const report = sampleReport({ passes: 2 });
  const hostile = { ...report, valid: false, invalid: ['<img src=x onerror=alert(1)>'] };
  expect(toHtml(hostile).includes('<img')).toBeFalsy();
});

testNeeding(!existsSync(CHROMIUM) && `no ${CHROMIUM}`)(
  'the page makes no requests, logs nothing, fits a phone and is accessible in light, dark and print',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'votewire-report-'));
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    });
    try {
      const file = join(dir, 'report.html');
      await writeFile(file, toHtml(sampleReport({ passes: 5 })));
      for (const width of [390, 1440]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        const asked: string[] = [];
        const said: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        page.on('console', (message) => said.push(message.text()));
        page.on('pageerror', (error) => said.push(error.message));
        await page.goto(`file://${file}`);
        expect(asked.filter((url) => !url.startsWith('data:'))).toStrictEqual([`file://${file}`]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${overflow} px too wide at ${width}`).toBeLessThanOrEqual(0);
        expect(await page.locator('svg').count()).toBeGreaterThan(20);
        const answer = page.locator('#answer');
        const dollars = (text: string | null) =>
          Number(/\$([\d,.]+\d) a month/.exec(text ?? '')?.[1]?.replaceAll(',', ''));
        await page.fill('#rate', '1000000');
        const before = dollars(await answer.textContent());
        await page.fill('#rate', '10000000');
        expect(dollars(await answer.textContent()) / before).toBeCloseTo(10, 1);
        await page.selectOption('#batch', '100');
        expect(dollars(await answer.textContent())).toBeLessThan(before);
        for (const media of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { media: 'print' }] as const) {
          await page.emulateMedia({ colorScheme: 'light', media: 'screen', ...media });
          expect(await findViolations(page), JSON.stringify(media)).toStrictEqual([]);
        }
        expect(said).toStrictEqual([]);
        await page.close();
      }
    } finally {
      await browser.close();
      await rm(dir, { recursive: true, force: true });
    }
  },
);
