import { beforeAll, expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { findViolations } from './testing/audit.ts';
import { noBrowser, PAGES, SEED_VOTES, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('accessibility in a browser', () => {
  const site = useSite();
  beforeAll(() => site.cast(SEED_VOTES));

  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 390],
  ] as const) {
    for (const path of PAGES) {
      test(`${path} passes the audit, ${colorScheme}, ${width} px wide`, { timeout: 120_000 }, async () => {
        const page = await site.openPage(path, { colorScheme, viewport: { width, height: 900 } });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
        await page.evaluate(() => {
          for (const box of document.querySelectorAll('details')) box.open = true;
        });
        expect(await findViolations(page)).toStrictEqual([]);
        await page.context().close();
      });
    }

    for (const path of ['/', '/c/bandas']) {
      test(`the vote page ${path} passes the audit, ${colorScheme}, ${width} px wide`, {
        timeout: 120_000,
      }, async () => {
        const page = await (await site.openContext({ colorScheme, viewport: { width, height: 900 } })).newPage();
        await page.goto(site.edge + path);
        expect(await findViolations(page)).toStrictEqual([]);
        await page.context().close();
      });
    }

    for (const [path, button] of [
      ['/', 'New contest'],
      ['/contests/bandas', 'Share the vote'],
    ] as const) {
      test(`the dialog “${button}” passes the audit, ${colorScheme}, ${width} px wide`, {
        timeout: 120_000,
      }, async () => {
        const page = await site.openPage(path, { colorScheme, viewport: { width, height: 900 } });
        await page.getByRole('button', { name: button }).click();
        await page.getByRole('dialog').waitFor();
        expect(await findViolations(page)).toStrictEqual([]);
        await page.context().close();
      });
    }
  }

  test('the audit finds violations', async () => {
    const page = await site.openPage('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(() => {
      const spoiled = document.createElement('div');
      spoiled.innerHTML = '<button></button><input placeholder="?"><p class="pale">pale</p>';
      document.querySelector('main')?.append(spoiled);
      // The policy of the page blocks style attributes, but scripts may set styles.
      const pale = spoiled.querySelector<HTMLElement>('.pale');
      if (pale !== null) pale.style.cssText = 'color: #aaa; background: #fff';
    });
    const found = (await findViolations(page)).join('\n');
    for (const rule of ['button-name', 'color-contrast']) expect(found).toContain(rule);
    await page.context().close();
  });
});
