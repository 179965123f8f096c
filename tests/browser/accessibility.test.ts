import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';
import { findViolationsInAllViews } from './testing/audit.ts';
import { ADMIN_TOKEN, noBrowser, PAGES, SEED_VOTES, useSite } from './testing/site.ts';

interface Visit {
  readonly path: string;
  /** The state of the page that is checked. */
  readonly state?: string;
  readonly act?: (page: Page) => Promise<void>;
}

const options = [
  { id: 'a', label: 'Apple' },
  { id: 'b', label: 'Pear' },
];

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
const enterToken = async (page: Page) => {
  const field = page.getByLabel('Admin token');
  await field.fill(ADMIN_TOKEN);
  await page.keyboard.press('Enter');
  await field.waitFor({ state: 'detached' });
};
const manage = async (page: Page) => {
  await page.getByText('Manage this contest').click();
  if ((await page.getByLabel('Admin token').count()) > 0) await enterToken(page);
};

const DASHBOARD: readonly Visit[] = [
  ...PAGES.filter((path) => path !== '/system').map((path) => ({ path })),
  { path: '/system', act: (page) => page.locator('.events li').first().waitFor() },
  ...['/contests/closed', '/contests/later?stage', '/contests/secret?stage'].map((path) => ({ path })),
  ...['/embed/bandas', '/embed/closed', '/embed/secret'].map((path) => ({ path })),
  { path: '/nothing' },
  { path: '/contests/nothing' },
  { path: '/embed/nothing' },
  {
    path: '/log',
    state: 'one vote, step by step',
    act: async (page) => {
      await page.locator('.log-table tbody button').first().click();
      await page.getByText('Counted.').waitFor();
    },
  },
  { path: '/log?voter=seed-1', state: 'a token is needed' },
  { path: '/', state: 'the admin token is needed', act: (page) => press(page, 'New contest') },
  {
    path: '/',
    state: 'a rejected new contest',
    act: async (page) => {
      await press(page, 'New contest');
      await enterToken(page);
      await page.getByLabel('Title').fill('Twice the same');
      for (const n of [1, 2]) await page.getByLabel(`Label of option ${n}`).fill('Same');
      await press(page, 'Create contest');
      await page.getByRole('alert').getByText('Duplicate label').waitFor();
    },
  },
  { path: '/contests/bandas', state: 'share', act: (page) => press(page, 'Share the vote') },
  { path: '/contests/bandas', state: 'manage', act: manage },
  ...['Edit …', 'Reset …', 'Close now …'].map((name) => ({
    path: '/contests/bandas',
    state: name,
    act: async (page: Page) => {
      await manage(page);
      await press(page, name);
      await page.getByRole('dialog').waitFor();
    },
  })),
];

const EDGE: readonly Visit[] = [
  ...['/', '/c/bandas', '/c/closed', '/c/later', '/c/secret', '/c/nothing', '/nothing', '/?code=ZZZZZZ'].map(
    (path) => ({
      path,
    }),
  ),
  {
    path: '/c/cats-vs-dogs',
    state: 'voted',
    act: async (page) => {
      await page.getByRole('button', { name: /Cats/ }).click();
      await page.getByText(/Receipt: counted/).waitFor();
    },
  },
  {
    path: '/c/bandas',
    state: 'receipt',
    act: async (page) => {
      await page.getByRole('button', { name: /Alux Nahual/ }).click();
      await page.getByText(/Receipt: counted/).waitFor();
      await page.getByRole('link', { name: 'Receipt' }).click();
      await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    },
  },
  { path: `/v1/receipts/${'A'.repeat(40)}`, state: 'an unknown receipt' },
];

describeNeeding(noBrowser)('accessibility in a browser', () => {
  const site = useSite();
  beforeAll(async () => {
    await site.cast(SEED_VOTES);
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    for (const more of [{ id: 'closed' }, { id: 'later', opensAt }, { id: 'secret', hidden: true }]) {
      await site.createContest({ title: `A contest: ${more.id}`, rule: 'one-per-voter', options, ...more });
    }
    await site.cast([{ contest: 'closed', choice: 'a', voter: 'one' }]);
    await site.askAsAdmin('PATCH', '/closed', { status: 'closed' });
    const closed = `${site.edge}/v1/contests/closed`;
    await waitFor(async () => (await (await fetch(closed)).text()).includes('"closed"'), { what: 'the close' });
  });

  for (const [name, visits] of Object.entries({ dashboard: DASHBOARD, edge: EDGE })) {
    for (const { path, state, act } of visits) {
      test(`${name} ${path}${state === undefined ? '' : `, ${state}`}`, async () => {
        // Unknown addresses and rejected requests are console errors.
        site.allowFaults();
        const page = await (await site.openContext({ reducedMotion: 'reduce' })).newPage();
        await page.goto((name === 'edge' ? site.edge : site.dashboard) + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
        await act?.(page);
        await page.evaluate(() => {
          for (const box of document.querySelectorAll('main details')) (box as HTMLDetailsElement).open = true;
        });
        expect(await findViolationsInAllViews(page)).toStrictEqual([]);
        await page.context().close();
      });
    }
  }

  test('the audit finds violations, including those of only one color scheme', async () => {
    const page = await site.openPage('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(() => {
      const spoiled = document.createElement('div');
      spoiled.innerHTML = '<button></button><p class="pale">pale</p>';
      document.querySelector('main')?.append(spoiled);
      // Pale only in the light scheme. The page's policy blocks style attributes, but scripts may set styles.
      const pale = spoiled.querySelector<HTMLElement>('.pale');
      if (pale !== null) pale.style.cssText = 'color: #aaa';
    });
    const found = (await findViolationsInAllViews(page)).join('\n');
    expect(found).toContain('1440 px, light: button-name');
    expect(found).toContain('390 px, dark: button-name');
    expect(found.match(/^\d+ px, (light|dark): color-contrast/gm)?.length).toBe(2);
    await page.context().close();
  });
});
