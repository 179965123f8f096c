import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { readAccessTokens } from '../../dashboard/server/access/access-tokens.ts';
import { LogSessions, SESSION_COOKIE } from '../../dashboard/server/access/log-session.ts';
import { describeNeeding } from '../support/needing.ts';
import { findViolations } from './testing/audit.ts';
import { ADMIN_TOKEN, noBrowser, SEED_VOTES, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('the log page in a browser', () => {
  const site = useSite();
  beforeAll(() => site.cast(SEED_VOTES));

  test('the log can be filtered, paged, paused and exported', async () => {
    site.allowFaults();
    const page = await site.openPage('/log');
    const rows = page.locator('.log-table tbody tr');
    await rows.nth(19).waitFor();
    await page.getByRole('button', { name: 'Show older votes' }).click();
    await rows.nth(30).waitFor();

    await page.getByLabel('Contest', { exact: true }).selectOption('bandas');
    await page.waitForURL(/contest=bandas/);
    await rows.first().getByText('Bandas de Guatemala').waitFor();
    await page.getByText('year 1996').first().waitFor();
    expect(await rows.filter({ hasText: 'Cats or dogs?' }).count()).toBe(0);
    await page.getByLabel('Choice').selectOption('la-tona');
    await page.waitForURL(/choice=la-tona/);
    const csv = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
    expect(csv ?? '').toMatch(/^\/api\/logs\/export\?.*format=csv/);
    const exported = await (await fetch(site.dashboard + csv)).text();
    expect(exported.trimEnd().split('\r\n').length).toBe(21);

    await page.getByLabel('Voter').fill('seed-1');
    await page.keyboard.press('Enter');
    await page.waitForURL(/voter=seed-1/);
    // A search by voter id needs a token, even on this machine; downloads then need no other.
    await page.getByText('A search by voter id needs').waitFor();
    await page.getByLabel('Token for the log').fill('not-the-token');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByText('The token is wrong').waitFor();
    await page.getByLabel('Token for the log').fill(ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await page.getByText('1 vote shown').waitFor();
    await page.goBack();
    await rows.nth(19).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL(/\/log$/);

    await rows.nth(19).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const first = await rows.first().textContent();
    await site.cast(SEED_VOTES.slice(0, 2).map((vote, n) => ({ ...vote, voter: `late-${n}` })));
    await page.getByRole('button', { name: /Resume.*2 new/ }).waitFor();
    expect(await rows.first().textContent()).toBe(first);
    await page.getByRole('button', { name: /Resume/ }).click();
    await page.waitForFunction((old) => document.querySelector('.log-table tbody tr')?.textContent !== old, first);
    await page.context().close();
  });

  test('a page that may no longer read the log asks for the token again and says why', async () => {
    site.allowFaults();
    const page = await site.openPage('/log?voter=seed-1');
    const enterToken = async () => {
      await page.getByLabel('Token for the log').fill(ADMIN_TOKEN);
      await page.keyboard.press('Enter');
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByText('1 vote shown').waitFor();
    };
    await enterToken();
    // A cookie three seconds before it expires.
    const tokens = readAccessTokens({ ADMIN_TOKEN });
    const sessions = new LogSessions(await site.secret(), tokens, () => Date.now() - 12 * 3_600_000 + 3000);
    const value = tokens.map((token) => sessions.open(token))[0] ?? '';
    const cookie = { name: SESSION_COOKIE, value, domain: 'localhost', path: '/api/logs', httpOnly: true };
    await page.context().addCookies([{ ...cookie, sameSite: 'Strict' }]);
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('Access ended', { exact: true }).waitFor();
    await page.getByRole('alert').getByText('access to the log has expired').waitFor();
    expect(await page.getByRole('link', { name: 'CSV' }).count(), 'a download would need the token too').toBe(0);
    expect(await findViolations(page)).toStrictEqual([]);
    await enterToken();
    await page.context().close();
  });

  // Retried, because other tests share the two cores; a slow page is slow in all three attempts.
  test('300 votes a second keep the page responsive, and one vote is shown step by step', { retry: 2 }, async () => {
    const page = await site.openPage('/log?contest=visits');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(window, { longTasks: tasks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ type: 'longtask' });
    });
    // Ten batches of 30 votes per second, for four seconds.
    for (let batch = 0; batch < 40; batch++) {
      const began = performance.now();
      await site.cast(
        Array.from({ length: 30 }, (_, n) => ({ contest: 'visits', choice: 'visit', voter: `flood-${began}-${n}` })),
      );
      await delay(Math.max(0, 100 - (performance.now() - began)));
    }
    await page.getByText('1,000 votes shown').waitFor();
    const longTasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
    expect(Math.max(0, ...longTasks), 'milliseconds of the longest task').toBeLessThan(200);
    const rows = page.locator('.log-table tbody tr');
    expect(await rows.count(), 'only rows near the view exist').toBeLessThan(150);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
    await page.waitForFunction(() => Number(document.querySelector('.log-table tbody tr')?.ariaRowIndex) > 200);

    await page.getByRole('button', { name: 'Pause' }).click();
    await rows.nth(20).locator('button').click();
    await page.getByText('Counted.').waitFor();
    await page.getByText(/entry \d+-\d+ of partition \d/).waitFor();
    await page.context().close();
  });

  test('a bar of the chart selects its time range, and times can be shown in UTC', async () => {
    const page = await site.openPage('/log?contest=cats-vs-dogs', { timezoneId: 'America/Guatemala' });
    const bars = page.getByRole('group', { name: 'Votes over time' }).getByRole('button');
    await bars.first().click();
    await page.waitForURL(/since=.*until=/);
    await page
      .getByText(/^\d+ votes?$/)
      .first()
      .waitFor();
    await page.getByText('Since (America/Guatemala)').waitFor();
    await page.getByRole('button', { name: 'America/Guatemala' }).click();
    await page.getByRole('button', { name: 'UTC' }).waitFor();
    await page
      .locator('.log-table tbody time')
      .first()
      .getByText(/^\d+ \w+ \d{4}, /)
      .waitFor();
    await page.context().close();
  });

  test('older votes that arrive after a change of the filters are not shown', async () => {
    const page = await site.openPage('/log');
    const rows = page.locator('.log-table tbody tr');
    await rows.nth(19).waitFor();
    const late = Promise.withResolvers<void>();
    await page.route('**/api/logs?*cursor=*', async (route) => {
      await late.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Show older votes' }).click();
    await page.getByLabel('Contest', { exact: true }).selectOption('bandas');
    await page.waitForURL(/contest=bandas/);
    await rows.filter({ hasText: 'Bandas' }).first().waitFor();
    const answer = page.waitForResponse(/cursor=/);
    late.resolve();
    await (await answer).finished();
    // After two frames the page would have rendered the answer.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    expect(await rows.filter({ hasText: 'Cats or dogs?' }).count()).toBe(0);
    expect(await rows.count()).toBeGreaterThan(0);
    await page.context().close();
  });

  test('changing a filter with the keyboard keeps the focus', async () => {
    site.allowFaults();
    const page = await site.openPage('/log');
    await page.locator('.log-table tbody tr').first().waitFor();
    await page.getByLabel('Contest', { exact: true }).focus();
    const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent);
    for (const contest of ['bandas', 'cats-vs-dogs']) {
      await page.keyboard.press('ArrowDown');
      await page.waitForURL(new RegExp(`contest=${contest}$`));
      expect(await focused()).toBe('Contest');
    }
    await page.getByLabel('Voter').fill('seed-2');
    await page.keyboard.press('Enter');
    await page.waitForURL(/voter=seed-2/);
    await page.getByLabel('Token for the log').waitFor();
    expect(await focused()).toBe('Voter');
    await page.context().close();
  });

  test('a rejected filter is explained, and the page does not retry it', async () => {
    site.allowFaults();
    const page = await site.openPage('/log?voter=a%00b');
    await page.getByText('must be 1 to 128 bytes of printable text').waitFor();
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/logs')) asked += 1;
    });
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.log-table tbody tr').first().waitFor();
    expect(asked, `${asked} requests of the log`).toBeLessThan(6);
    await page.context().close();
  });
});
