import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, assert, beforeAll, expect, test } from 'vitest';
import { openRedis } from '../../store/redis/redis.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { readStartConfig } from '../../supervisor/config.ts';
import { type RunningSystem, startSystem } from '../../supervisor/running-system.ts';
import { describeNeeding } from '../../tests/support/needing.ts';
import { findAccessibilityProblems } from './accessibility.ts';
import { findChromium, launchChromium } from './chromium.ts';

const TOKEN = 'the-token-of-the-browser-test';
const PAGES = [
  '/',
  '/contests/cats-vs-dogs',
  '/contests/bandas',
  '/contests/bandas?stage',
  '/log',
  '/system',
  '/bench',
];
const executable = findChromium();

describeNeeding(executable === undefined && 'there is no Chromium on this machine')(
  'the dashboard in a browser',
  () => {
    const stack = new AsyncDisposableStack();
    let system: RunningSystem;
    let browser: Browser;
    let dashboard: string;
    let edge: string;
    /** What a page must not do, gathered over each test. */
    let faults: string[] = [];
    /** Set while a test takes a part away: the browser itself reports what it can't load. */
    let faultsExpected = false;

    beforeAll(async () => {
      const dir = await mkdtemp(join(tmpdir(), 'votewire-browser-'));
      stack.defer(() => rm(dir, { recursive: true, force: true }));
      const free = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0' };
      const config = await readStartConfig({ ...process.env, ...free, DATA_DIR: dir, ADMIN_TOKEN: TOKEN });
      system = await startSystem(config, { onLine: () => undefined, onActivity: () => undefined });
      stack.defer(() => system.stop());
      edge = `http://localhost:${config.edge.port}`;
      dashboard = `http://localhost:${config.dashboard.port}`;
      browser = await launchChromium(executable ?? '');
      stack.defer(() => browser.close());
      await castMany(40);
      await using redis = openRedis({ urls: system.redisUrls, name: 'browser-test' });
      await redis.whenReady();
      await redis.send(streamKey(1), ['XADD', streamKey(1), '*', 'b', 'this is no batch of votes']);
    });
    afterAll(() => stack.disposeAsync());
    afterEach(() => {
      expect(faultsExpected ? [] : faults).toStrictEqual([]);
      faults = [];
      faultsExpected = false;
    });

    async function castMany(count: number): Promise<void> {
      const votes = Array.from({ length: count }, (_, n) =>
        n % 2 === 0
          ? { contest: 'cats-vs-dogs', choice: n % 6 === 0 ? 'dogs' : 'cats', voter: `seed-${n}` }
          : {
              contest: 'bandas',
              choice: 'la-tona',
              voter: `seed-${n}`,
              attributes: { album: 'Tona', year: '1996', rank: '7' },
            },
      );
      const body = votes.map((vote) => JSON.stringify(vote)).join('\n');
      const headers = { 'content-type': 'application/x-ndjson' };
      const response = await fetch(`${edge}/v1/votes`, { method: 'POST', headers, body });
      expect(response.status).toBe(202);
    }

    async function castOne(vote: Record<string, string>): Promise<void> {
      const headers = { 'content-type': 'application/json' };
      const cast = () => fetch(`${edge}/v1/votes`, { method: 'POST', headers, body: JSON.stringify(vote) });
      let response = await cast();
      // The edge hears of a new contest a moment after the dashboard.
      for (let tries = 0; response.status === 404 && tries < 100; tries++) {
        await delay(50);
        response = await cast();
      }
      expect(response.status).toBe(202);
    }

    async function askAsAdmin(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<void> {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const response = await fetch(`${dashboard}/api/contests${path}`, { method, headers, body: JSON.stringify(body) });
      assert(response.ok, await response.text());
    }

    async function openContext(options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(10_000);
      context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
      });
      context.on('weberror', (error) => faults.push(`error: ${error.error().message}`));
      context.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== 'data:' && origin !== dashboard && origin !== edge) faults.push(`outside: ${request.url()}`);
      });
      return context;
    }

    async function openPage(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
      const page = await (await openContext(options)).newPage();
      await page.goto(dashboard + path);
      return page;
    }

    test('a vote on the vote page moves the results that somebody watches', async () => {
      const watching = await openPage('/contests/cats-vs-dogs');
      const voters = watching.locator('.strip .fact').filter({ hasText: 'Voters' }).locator('dd');
      await voters.filter({ hasText: /^20$/ }).waitFor();
      const voting = await watching.context().newPage();
      await voting.goto(`${edge}/c/cats-vs-dogs`);
      await voting.getByRole('button', { name: /Dogs/ }).first().click();
      await voters.filter({ hasText: /^21$/ }).waitFor();
      await watching.locator('.versus-side').filter({ hasText: 'Dogs' }).getByText('8 votes').waitFor();
      // The same in the table, for who does not see the bars.
      await watching.getByRole('row', { name: /Dogs 8 / }).waitFor();
      await watching.context().close();
    });

    test('what became of a vote is told once, and not again when the page is loaded anew', async () => {
      const page = await (await openContext()).newPage();
      await page.goto(`${edge}/c/bandas`);
      await page.getByRole('button', { name: /Alux Nahual/ }).click();
      const notice = page.getByText('Your vote for Alux Nahual is counted.');
      await notice.waitFor();
      await page.waitForURL(`${edge}/c/bandas`);
      await page.reload();
      await page.getByText('Vote as often as you like.').waitFor();
      expect(await notice.count()).toBe(0);
      await page.context().close();
    });

    test('a vote page that is left open follows its contest', async () => {
      // The browser reports the one refusal by which the page learns that results were hidden.
      faultsExpected = true;
      const options = [{ id: 'left' }, { id: 'right' }];
      await askAsAdmin('POST', '', { id: 'followed', title: 'Followed', rule: 'open', hidden: true, options });
      await castOne({ contest: 'followed', choice: 'left', voter: 'one' });
      const page = await (await openContext()).newPage();
      await page.goto(`${edge}/c/followed`);
      await page.getByText('Results are shown later.').waitFor();
      await askAsAdmin('PATCH', '/followed', { hidden: false });
      const total = page.locator('.total');
      await total.filter({ hasText: /^1 vote$/ }).waitFor();
      await castOne({ contest: 'followed', choice: 'right', voter: 'two' });
      await total.filter({ hasText: /^2 votes$/ }).waitFor();
      await askAsAdmin('PATCH', '/followed', { hidden: true });
      await page.getByText('Results are shown later.').waitFor();
      await askAsAdmin('PATCH', '/followed', { status: 'closed' });
      await page.getByText('This vote is closed.').waitFor();
      await total.filter({ hasText: /^2 votes$/ }).waitFor();
      await page.context().close();
    });

    test('the log is filtered, paged, paused and exported', async () => {
      const page = await openPage('/log');
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
      const exported = await (await fetch(dashboard + csv)).text();
      expect(exported.trimEnd().split('\r\n').length).toBe(21);

      await page.getByLabel('Voter').fill('seed-1');
      await page.keyboard.press('Enter');
      await page.waitForURL(/voter=seed-1/);
      await page.getByText('1 vote shown').waitFor();
      await page.goBack();
      await rows.nth(19).waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.waitForURL(/\/log$/);

      await rows.nth(19).waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      const first = await rows.first().textContent();
      await castMany(2);
      await page.getByRole('button', { name: /Resume.*2 new/ }).waitFor();
      expect(await rows.first().textContent()).toBe(first);
      await page.getByRole('button', { name: /Resume/ }).click();
      await page.waitForFunction((old) => document.querySelector('.log-table tbody tr')?.textContent !== old, first);
      await page.context().close();
    });

    test('older votes that come after the filters were changed are not shown', async () => {
      const page = await openPage('/log');
      const rows = page.locator('.log-table tbody tr');
      await rows.nth(19).waitFor();
      let answered = 0;
      await page.route('**/api/logs?*cursor=*', async (route) => {
        await delay(1000);
        await route.continue();
        answered += 1;
      });
      await page.getByRole('button', { name: 'Show older votes' }).click();
      await page.getByLabel('Contest', { exact: true }).selectOption('bandas');
      await page.waitForURL(/contest=bandas/);
      for (let tries = 0; answered === 0 && tries < 100; tries++) await delay(50);
      await delay(300);
      expect(await rows.filter({ hasText: 'Cats or dogs?' }).count()).toBe(0);
      expect(await rows.count()).toBeGreaterThan(0);
      await page.context().close();
    });

    test('a filter that is changed with the keyboard keeps the focus', async () => {
      const page = await openPage('/log');
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
      expect(await focused()).toBe('Voter');
      await page.context().close();
    });

    test('everything can be reached and used with the keyboard alone', async () => {
      const page = await openPage('/');
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

      await page.getByRole('button', { name: /Theme: as the system/ }).focus();
      await page.keyboard.press('Space');
      await page.keyboard.press('Space');
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
      await page.reload();
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
      await page.context().close();
    });

    test('a page is named after what it shows, also when going from contest to contest', async () => {
      const page = await openPage('/contests/bandas');
      await page.getByRole('heading', { name: 'Bandas de Guatemala' }).waitFor();
      for (const name of ['All contests', 'Cats or dogs?']) await page.getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name: 'Cats or dogs?' }).waitFor();
      await page.evaluate(() => history.go(-2));
      await page.getByRole('heading', { level: 1, name: 'Bandas de Guatemala' }).waitFor();
      expect(await page.title()).toBe('bandas · Votewire');
      await page.context().close();
    });

    test('the operator makes, hides and closes a contest', async () => {
      const page = await openPage('/');
      await page.getByRole('button', { name: 'New contest' }).click();
      await page.getByLabel('Admin token').fill(TOKEN);
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByLabel('Title').fill('¿Café o té?');
      await page.getByLabel('Label of option 1').fill('Café');
      await page.getByLabel('Label of option 2').fill('Té');
      await page.getByRole('button', { name: 'Add an option' }).click();
      await page.getByLabel('Label of option 3').fill('<img src=x onerror=alert(1)>');
      await page.getByRole('button', { name: 'Make the contest' }).click();
      await page.waitForURL(/\/contests\/cafe-o-te$/);
      await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();

      await page.getByText('Manage this contest').click();
      await page.getByRole('button', { name: 'Hide results' }).click();
      await page.getByText('Results are hidden', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Close now' }).click();
      await page.getByRole('button', { name: 'Keep it open' }).click();
      await page.getByText('Open', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Close now' }).click();
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.getByText('Closed', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Open again' }).waitFor();
      await page.getByRole('row', { name: /Café/ }).waitFor();
      await page.context().close();
    });

    test('a second press while a contest is being made does not make two', async () => {
      const page = await openPage('/');
      await page.getByRole('button', { name: 'New contest' }).click();
      await page.getByLabel('Admin token').fill(TOKEN);
      await page.getByRole('button', { name: 'Use it' }).click();
      // No letter that an id could keep: each attempt would have an id of its own.
      await page.getByLabel('Title').fill('二度押し');
      await page.getByLabel('Label of option 1').fill('一');
      await page.getByLabel('Label of option 2').fill('二');
      await page.route('**/api/contests', (route) => delay(500).then(() => route.continue()));
      await page.getByRole('button', { name: 'Make the contest' }).dblclick();
      await page.getByRole('heading', { name: '二度押し' }).waitFor();
      await delay(1000);
      const { contests } = (await (await fetch(`${dashboard}/api/contests`)).json()) as {
        contests: { title: string }[];
      };
      expect(contests.filter(({ title }) => title === '二度押し').length).toBe(1);
      await page.context().close();
    });

    test('the operator looks at a dead letter and replays it', async () => {
      const page = await openPage('/system');
      await page
        .getByText(/^ ?Balanced: every accepted vote is tallied and logged, or put aside as a dead letter\.$/)
        .waitFor();
      await page.getByRole('button', { name: /^Open/ }).first().click();
      await page.getByLabel('Admin token').fill(TOKEN);
      await page.keyboard.press('Enter');
      await page.getByText(Buffer.from('this is no batch of votes').toString('hex')).waitFor();
      expect(await findAccessibilityProblems(page)).toStrictEqual([]);
      await page.getByRole('button', { name: 'Replay' }).click();
      await page.getByText(/Put back into its stream as \d+-\d+/).waitFor();
      await page.context().close();
    });

    test('a wrong token is told as such', async () => {
      faultsExpected = true;
      const page = await openPage('/contests/visits');
      await page.getByText('Manage this contest').click();
      await page.getByLabel('Admin token').fill('not-the-token-at-all');
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByRole('alert').filter({ hasText: 'not the admin token' }).waitFor();
      await page.getByLabel('Admin token').waitFor();
      expect(await page.getByRole('button', { name: 'Hide results' }).count()).toBe(0);
      await page.context().close();
    });

    test('a token that is refused later does not cost what was typed', async () => {
      faultsExpected = true;
      const page = await openPage('/');
      await page.getByRole('button', { name: 'New contest' }).click();
      const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent);
      const useToken = async () => {
        await page.getByLabel('Admin token').waitFor();
        expect(await focused()).toBe('Admin token');
        await page.keyboard.type(TOKEN);
        await page.keyboard.press('Enter');
        await page.getByLabel('Title').waitFor();
        expect(await focused()).toBe('Title');
      };
      await useToken();
      await page.keyboard.type('猫か犬か');
      await page.getByLabel('Label of option 1').fill('猫');
      await page.getByLabel('Label of option 2').fill('犬');
      // As after a restart with another token.
      await page.evaluate(() => sessionStorage.setItem('votewire.admin', 'the-token-of-yesterday'));
      await page.getByRole('button', { name: 'Make the contest' }).click();
      await page.getByRole('alert').filter({ hasText: 'not the admin token' }).waitFor();
      await useToken();
      expect(await page.getByLabel('Title').inputValue()).toBe('猫か犬か');
      await page.getByRole('button', { name: 'Make the contest' }).click();
      await page.waitForURL(/\/contests\/contest-[a-z0-9]+$/);
      await page.getByRole('heading', { name: '猫か犬か' }).waitFor();
      await page.getByText('No votes yet').waitFor();
      await page.getByRole('row', { name: '– 犬 0 –' }).waitFor();
      await page.context().close();
    });

    test('an address that names nothing is a page for a browser', async () => {
      faultsExpected = true;
      const page = await (await openContext()).newPage();
      const response = await page.goto(`${dashboard}/nothing`);
      expect(response?.status()).toBe(404);
      await page.getByRole('heading', { name: 'Not found' }).waitFor();
      await page.getByRole('link', { name: 'Go to the live results' }).click();
      await page.getByRole('heading', { name: 'Live results' }).waitFor();
      const asked = await fetch(`${dashboard}/nothing`);
      expect(asked.headers.get('content-type')).toBe('application/problem+json');
      await page.context().close();
    });

    test('nothing sticks out at any width', async () => {
      const page = await openPage('/log');
      const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      const overlaps = () =>
        page.evaluate(() => {
          for (const box of document.querySelectorAll('details')) box.open = true;
          const card = document.querySelector('.filters')?.getBoundingClientRect();
          const boxes = [...document.querySelectorAll('.filters :is(input, select, button)')].map((field) =>
            field.getBoundingClientRect(),
          );
          return boxes.filter(
            (a) =>
              a.right > (card?.right ?? 0) + 1 ||
              boxes.some(
                (b) => a !== b && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
              ),
          ).length;
        });
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const width of [320, 390, 480, 500, 520, 560, 600, 640, 700, 820, 840, 1000, 1160, 1200]) {
        await page.setViewportSize({ width, height: 900 });
        expect([await overlaps(), await sideways()], `${width} px`).toStrictEqual([0, 0]);
      }
      const contest = '/contests/all-for-one';
      const options = [{ id: 'all', label: 'All' }, { id: 'none' }];
      await askAsAdmin('POST', '', { id: 'all-for-one', title: 'All for one', rule: 'open', options });
      await castOne({ contest: 'all-for-one', choice: 'all', voter: 'one' });
      for (const path of ['/', contest, `${contest}?stage`]) {
        await page.goto(dashboard + path);
        await page.getByText('100.0').first().waitFor();
        for (const width of [320, 390, 840, 1160, 1440, 1920]) {
          await page.setViewportSize({ width, height: 900 });
          const wide = await page.evaluate(
            () =>
              [...document.querySelectorAll('.versus-share')].filter((share) => share.scrollWidth > share.clientWidth)
                .length,
          );
          expect([wide, await sideways()], `${path} ${width} px`).toStrictEqual([0, 0]);
        }
      }
      await page.context().close();
    });

    test('a title that is written from right to left ends on its left', async () => {
      const labels = ['פלאפל!', 'شاورما.', 'Pizza?'];
      const options = labels.map((label, n) => ({ id: `o${n}`, label }));
      await askAsAdmin('POST', '', { id: 'rtl', title: 'מה לאכול?', rule: 'open', options });
      await castOne({ contest: 'rtl', choice: 'o0', voter: 'one' });
      const page = await (await openContext()).newPage();
      for (const address of [`${edge}/c/rtl`, `${dashboard}/contests/rtl`, `${dashboard}/log?contest=rtl`]) {
        await page.goto(address);
        await page.getByText('פלאפל!').filter({ visible: true }).first().waitFor();
        const wrong = await page.evaluate(() => {
          const texts = document.createTreeWalker(
            document.body,
            NodeFilter.SHOW_TEXT,
            ({ parentElement, nodeValue }) =>
              parentElement?.checkVisibility() &&
              parentElement.closest('option, .visually-hidden') === null &&
              /^[\u0590-\u06ff].*[!.?]$/u.test(nodeValue ?? '')
                ? NodeFilter.FILTER_ACCEPT
                : NodeFilter.FILTER_SKIP,
          );
          const leftOf = (text: Node, at: number) => {
            const range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect().left;
          };
          const found: string[] = [];
          while (texts.nextNode()) {
            const { nodeValue } = texts.currentNode;
            const last = (nodeValue?.length ?? 0) - 1;
            if (leftOf(texts.currentNode, last) > leftOf(texts.currentNode, 0)) found.push(nodeValue ?? '');
          }
          return found;
        });
        expect(wrong, address).toStrictEqual([]);
      }
      await page.context().close();
    });

    test('text of twice the size fits a phone', async () => {
      const opensAt = new Date(Date.now() + 3_600_000).toISOString();
      const options = [{ id: 'yes' }, { id: 'no' }, { id: 'perhaps' }];
      await askAsAdmin('POST', '', { id: 'later', title: 'Later', rule: 'one-per-voter', opensAt, options });
      const page = await (await openContext({ viewport: { width: 390, height: 844 } })).newPage();
      const addresses = [...PAGES.map((path) => dashboard + path), edge, `${edge}/c/bandas`, `${edge}/c/later`];
      for (const address of addresses) {
        await page.goto(address);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
        const [grown, sideways, skip] = await page.evaluate(() => {
          const size = () =>
            Number.parseFloat(getComputedStyle(document.querySelector('h1') ?? document.body).fontSize);
          const before = size();
          document.documentElement.style.fontSize = '200%';
          const { scrollWidth } = document.documentElement;
          const bottom = document.querySelector('.skip')?.getBoundingClientRect().bottom ?? 0;
          return [size() > before, scrollWidth - innerWidth, Math.max(0, bottom)];
        });
        expect([grown || address.includes('stage'), sideways, skip], address).toStrictEqual([true, 0, 0]);
      }
      await page.context().close();
    });

    test('words as long as they may be stick out nowhere', async () => {
      const page = await (await openContext()).newPage();
      const long = 'W'.repeat(200);
      const id = 'w'.repeat(64);
      const labels = [long, 'V'.repeat(200), 'short'];
      const options = labels.map((label, n) => ({ id: `o${n}`, label }));
      await askAsAdmin('POST', '', { id, title: long, rule: 'one-per-voter', options });
      await castOne({ contest: id, choice: 'o0', voter: 'one' });
      const contest = `/contests/${id}`;
      for (const address of [
        `${edge}/c/${id}`,
        edge,
        ...['/', contest, `${contest}?stage`, '/log'].map((p) => dashboard + p),
      ]) {
        await page.goto(address);
        await page.getByText(long).filter({ visible: true }).first().waitFor();
        if (address.includes('/c/')) {
          await page.getByRole('button', { name: long }).click();
          await page.getByText(`Your vote for ${long} is counted.`).waitFor();
        }
        for (const width of [320, 390, 840, 1440]) {
          await page.setViewportSize({ width, height: 900 });
          const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(sideways, `${address} ${width} px`).toBe(0);
        }
      }
      await page.context().close();
    });

    for (const [colorScheme, width] of [
      ['light', 1440],
      ['dark', 390],
    ] as const) {
      test(`every page is fit for everybody, ${colorScheme}, ${width} px wide`, async () => {
        const context = await openContext({ colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        for (const path of PAGES) {
          await page.goto(dashboard + path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
          await page.evaluate(() => {
            for (const box of document.querySelectorAll('details')) box.open = true;
          });
          expect(await findAccessibilityProblems(page), path).toStrictEqual([]);
        }
        for (const [path, button] of [
          ['/', 'New contest'],
          ['/contests/bandas', 'Share the vote'],
        ] as const) {
          await page.goto(dashboard + path);
          await page.getByRole('button', { name: button }).click();
          await page.getByRole('dialog').waitFor();
          expect(await findAccessibilityProblems(page), button).toStrictEqual([]);
        }
        await context.close();
      });
    }

    test('the check of the pages finds what it is for', async () => {
      const page = await openPage('/');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.evaluate(() => {
        const spoiled = document.createElement('div');
        spoiled.innerHTML = `<h1>Two</h1><button></button><input id="main" placeholder="?"><table><tr><td>1</td></tr></table>
        <p class="pale">pale</p><p aria-labelledby="nowhere">x</p><div class="wide">wide</div>`;
        document.body.append(spoiled);
        // The policy of the page takes no style attributes, but scripts may set styles.
        for (const [selector, style] of [
          ['.pale', 'color: #aaa; background: #fff'],
          ['.wide', 'width: 3000px'],
          ['button:empty', 'width: 9px; height: 9px; min-height: 0; padding: 0'],
        ] as const) {
          const element = spoiled.querySelector<HTMLElement>(selector);
          if (element !== null) element.style.cssText = style;
        }
      });
      const found = (await findAccessibilityProblems(page)).join('\n');
      for (const sign of [
        '2 of h1',
        'id main twice',
        'nowhere',
        'without headings',
        'no name: <button',
        'no name: <input',
        'only 9 by 9',
        'too wide',
        'contrast 2.3',
      ]) {
        expect(found.includes(sign), `${sign} is missing in:\n${found}`).toBeTruthy();
      }
      await page.context().close();
    });

    test('a stage fits its screen, whatever it shows', async () => {
      for (const [width, height] of [
        [1920, 1080],
        [1024, 768],
      ] as const) {
        const page = await openPage('/contests/bandas?stage', { viewport: { width, height } });
        for (const id of ['bandas', 'cats-vs-dogs', 'visits']) {
          await page.goto(`${dashboard}/contests/${id}?stage`);
          await page.locator('.stage-counts').waitFor();
          const [scrollWidth = 0, scrollHeight = 0] = await page.evaluate(() => {
            const { scrollWidth, scrollHeight } = document.documentElement;
            return [scrollWidth, scrollHeight];
          });
          expect(
            scrollWidth <= width && scrollHeight <= height,
            `${id}: ${scrollWidth} x ${scrollHeight}`,
          ).toBeTruthy();
        }
        await page.context().close();
      }
    });

    test('bars can be seen where a person has chosen all colours', async () => {
      const page = await openPage('/contests/bandas', { forcedColors: 'active', colorScheme: 'dark' });
      for (const [address, bar] of [
        [`${dashboard}/contests/bandas`, '.bar-fill'],
        [`${dashboard}/contests/cats-vs-dogs`, '.beam-part'],
        [`${edge}/c/cats-vs-dogs`, '.fill'],
        [`${dashboard}/log`, '[aria-current="page"]'],
      ] as const) {
        await page.goto(address);
        await page.locator(bar).first().waitFor({ state: 'attached' });
        const [colour, paper] = await page.evaluate((selector) => {
          const element = document.querySelector(selector) ?? document.body;
          const pseudo = selector.startsWith('[') ? '::after' : null;
          return [getComputedStyle(element, pseudo), getComputedStyle(document.documentElement)].map(
            ({ backgroundColor }) => backgroundColor,
          );
        }, bar);
        expect(colour, address).not.toBe(paper);
      }
      await page.context().close();
    });

    test('who wants less motion gets none', async () => {
      const page = await openPage('/contests/bandas', { reducedMotion: 'reduce' });
      await page.locator('.bar-fill').first().waitFor();
      const moving = await page.evaluate(
        () =>
          [...document.querySelectorAll('*')].filter((element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            return animationName !== 'none' || transitionDuration.split(', ').some((duration) => duration !== '0s');
          }).length,
      );
      expect(moving).toBe(0);
      await page.context().close();
    });

    test('a filter that is refused says why, and nothing goes on in vain', async () => {
      faultsExpected = true;
      const page = await openPage('/log?voter=a%00b');
      await page.getByText('Must be 1 to 128 bytes of printable text').waitFor();
      let asked = 0;
      page.on('request', () => {
        asked += 1;
      });
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.locator('.log-table tbody tr').first().waitFor();
      expect(asked, `${asked} requests`).toBeLessThan(6);
      await page.context().close();
    });

    test('a server slower than the page asks is waited for, and one that never answers is told as such', async () => {
      faultsExpected = true;
      const page = await (await openContext()).newPage();
      await page.clock.install();
      let answers = true;
      let lists = 0;
      page.on('request', (request) => {
        if (request.url().endsWith('/api/dead-letters')) lists += 1;
      });
      await page.route('**/api/system', async (route) => {
        // The page asks every 2 s.
        if (answers) await delay(2500).then(() => route.continue());
      });
      await page.goto(`${dashboard}/system`);
      await page.getByRole('heading', { name: 'Ledger' }).waitFor();
      await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
      await page.locator('.notice.loading').waitFor({ state: 'detached' });
      expect(lists).toBe(1);
      answers = false;
      // To the answer under way, the next request, and past its time.
      for (let i = 0; i < 3; i++) await page.clock.fastForward(10_000);
      await page.getByRole('alert').filter({ hasText: 'did not answer within 10 s' }).waitFor();
      await page.context().close();
    });

    test('a page that gets no counts at all says so, and shows them as soon as it gets some', async () => {
      faultsExpected = true;
      const page = await (await openContext()).newPage();
      for (const path of ['/', '/contests/bandas', '/contests/bandas?stage']) {
        await page.route('**/api/events', (route) => route.fulfill({ status: 503 }));
        await page.goto(dashboard + path);
        await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
        await page.unroute('**/api/events');
        await page.getByText('Bandas de Guatemala').first().waitFor();
        expect(await page.getByRole('alert').count()).toBe(0);
      }
      await page.context().close();
    });

    test('without a network a page says so at once', async () => {
      faultsExpected = true;
      const page = await openPage('/contests/cats-vs-dogs');
      await page.getByText('Live', { exact: true }).waitFor();
      await page.context().setOffline(true);
      await page.getByText(/Reconnecting: as of/).waitFor();
      await page.context().setOffline(false);
      await page.getByText('Live', { exact: true }).waitFor();
      await page.context().close();
    });

    // The last one: it takes the server away.
    test('a page says that it is not live, and is again by itself', async () => {
      faultsExpected = true;
      const page = await openPage('/contests/cats-vs-dogs');
      await page.getByText('Live', { exact: true }).waitFor();
      system.services.find(({ name }) => name === 'dashboard')?.kill();
      await page.getByText(/Reconnecting: as of \d\d:\d\d:\d\d/).waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
      await page.context().close();
    });
  },
);
