import { assert, beforeAll, expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';
import { noBrowser, SEED_VOTES, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('the pages in a browser', () => {
  const site = useSite();
  beforeAll(() => site.cast(SEED_VOTES));

  test('the dashboard can be used with the keyboard only', async () => {
    const page = await site.openPage('/');
    await page.getByRole('heading', { name: 'Cats or dogs?' }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    const reached = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      reached.add(await focused());
      const hasRing = await page.evaluate(() => {
        const active = document.activeElement;
        if (active === null || active === document.body) return true;
        return [getComputedStyle(active), getComputedStyle(active, '::after')].some(
          ({ outlineStyle }) => outlineStyle !== 'none',
        );
      });
      assert(hasRing, `no visible focus at ${await focused()}`);
    }
    for (const name of ['New contest', 'Bandas de Guatemala', 'Cats or dogs?'])
      expect(reached.has(name), name).toBeTruthy();

    await page.getByRole('link', { name: 'Cats or dogs?' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/contests\/cats-vs-dogs$/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.getByRole('button', { name: 'Share the vote' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Vote: Cats or dogs?' }).waitFor();
    expect(await page.getByRole('img', { name: /QR code/ }).count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Share the vote');

    await page.getByRole('button', { name: /Theme: system/ }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.context().close();
  });

  test('the title of a page names its content, also after navigating between contests', async () => {
    const page = await site.openPage('/contests/bandas');
    await page.getByRole('heading', { name: 'Bandas de Guatemala' }).waitFor();
    for (const name of ['All contests', 'Cats or dogs?']) await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name: 'Cats or dogs?' }).waitFor();
    await page.evaluate(() => history.go(-2));
    await page.getByRole('heading', { level: 1, name: 'Bandas de Guatemala' }).waitFor();
    expect(await page.title()).toBe('bandas · Votewire');
    await page.context().close();
  });

  test('an unknown address returns a page to browsers and a problem to programs', async () => {
    site.allowFaults();
    const page = await (await site.openContext()).newPage();
    const response = await page.goto(`${site.dashboard}/nothing`);
    expect(response?.status()).toBe(404);
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    await page.getByRole('link', { name: 'Go to the live results' }).click();
    await page.getByRole('heading', { name: 'Live results' }).waitFor();
    const asked = await fetch(`${site.dashboard}/nothing`);
    expect(asked.headers.get('content-type')).toBe('application/problem+json');
    await page.context().close();
  });

  test('a page without a connection reports it, and shows counts as soon as they arrive', async () => {
    site.allowFaults();
    const page = await (await site.openContext()).newPage();
    // Requests of shared workers cannot be intercepted, so the page runs as in browsers without them.
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    for (const path of ['/', '/contests/bandas', '/contests/bandas?stage']) {
      await page.route('**/api/events?*', (route) => route.fulfill({ status: 503 }));
      await page.goto(site.dashboard + path);
      await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
      await page.unroute('**/api/events?*');
      await page.getByText('Bandas de Guatemala').first().waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    }
    await page.context().close();
  });

  test('nine tabs of one browser are live at the same time over HTTP/1.1', async () => {
    const context = await site.openContext();
    const paths = ['/', '/log', '/contests/bandas', '/contests/cats-vs-dogs', '/contests/visits', '/', '/log'];
    const pages = [];
    for (const path of [...paths, '/contests/bandas?stage', '/contests/visits?stage']) {
      const page = await context.newPage();
      await page.goto(site.dashboard + path);
      await page.getByText('Live', { exact: true }).waitFor();
      pages.push(page);
    }
    const viewers = async () =>
      /^votewire_dashboard_viewers\{kind="results"\} (\d+)$/m.exec(
        await (await fetch(`${site.dashboard}/metrics`)).text(),
      )?.[1];
    await waitFor(async () => (await viewers()) === '1', { what: 'one results stream for all tabs' });
    for (const page of pages.slice(0, 5)) await page.close();
    await site.cast([{ contest: 'bandas', choice: 'la-tona', voter: 'nine-tabs' }]);
    await pages[7]?.getByText('Live', { exact: true }).waitFor();
    await context.close();
    await waitFor(async () => (await viewers()) === '0', { what: 'no stream without tabs' });
  });

  test('a page reports a lost network at once', async () => {
    site.allowFaults();
    const page = await site.openPage('/contests/cats-vs-dogs');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().setOffline(true);
    await page.getByText(/Stale since/).waitFor();
    await page.context().setOffline(false);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  });

  test('a page reports a stopped server and recovers automatically', async () => {
    site.allowFaults();
    const page = await site.openPage('/contests/cats-vs-dogs');
    await page.getByText('Live', { exact: true }).waitFor();
    site.system.services.find(({ name }) => name === 'dashboard')?.kill();
    await page.getByText(/Stale since \d\d:\d\d:\d\d/).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  });

  test('the first load of the dashboard is at most 150 KB', async () => {
    const page = await (await site.openContext()).newPage();
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      const size = request.sizes().then(({ responseBodySize }) => responseBodySize);
      // A request that finishes while the page closes has no size; it came after the first load.
      size.catch(() => undefined);
      sizes.push(size);
    });
    await page.goto(site.dashboard, { waitUntil: 'load' });
    await page.getByRole('heading', { name: 'Cats or dogs?' }).waitFor();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    console.log(`dashboard: ${bytes} bytes in ${sizes.length} requests`);
    expect(bytes).toBeLessThanOrEqual(150_000);
    await page.context().close();
  });
});
