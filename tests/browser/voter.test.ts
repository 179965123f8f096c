import { expect, test } from 'vitest';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import { Child } from '../support/child.ts';
import { describeNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';
import { findViolations } from './testing/audit.ts';
import { noBrowser, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('voters in a browser', () => {
  const site = useSite();

  test('a vote on the vote page moves the results on the dashboard', async () => {
    const options = [
      { id: 'tea', label: 'Tea' },
      { id: 'coffee', label: 'Coffee' },
    ];
    await site.createContest({ id: 'drinks', title: 'Drinks', rule: 'one-per-voter', options });
    await site.cast([{ contest: 'drinks', choice: 'tea', voter: 'first' }]);
    const watching = await site.openPage('/contests/drinks');
    const voters = watching.locator('.strip .fact').filter({ hasText: 'Voters' }).locator('dd');
    await voters.filter({ hasText: /^1$/ }).waitFor();
    const voting = await watching.context().newPage();
    await voting.goto(`${site.edge}/c/drinks`);
    await voting.getByRole('button', { name: /Coffee/ }).click();
    await voters.filter({ hasText: /^2$/ }).waitFor();
    await watching.locator('.versus-side').filter({ hasText: 'Coffee' }).getByText('1 vote').waitFor();
    // The table has the same counts.
    await watching.getByRole('row', { name: /Coffee 1 / }).waitFor();
    await watching.context().close();
  });

  test('the outcome of a vote is shown once and not repeated after a reload', async () => {
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/bandas`);
    await page.getByRole('button', { name: /Alux Nahual/ }).click();
    const notice = page.getByText('Your vote for Alux Nahual is counted.');
    await notice.waitFor();
    await page.waitForURL(`${site.edge}/c/bandas`);
    await page.reload();
    await page.getByText('Vote as often as you like.').waitFor();
    expect(await notice.count()).toBe(0);
    await page.context().close();
  });

  test('an open vote page follows its contest', async () => {
    const options = [{ id: 'left' }, { id: 'right' }];
    await site.createContest({ id: 'followed', title: 'Followed', rule: 'open', hidden: true, options });
    await site.cast([{ contest: 'followed', choice: 'left', voter: 'one' }]);
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/followed`);
    await page.getByText('Results are hidden until the vote closes.').waitFor();
    await site.askAsAdmin('PATCH', '/followed', { hidden: false });
    const total = page.locator('.total');
    await total.filter({ hasText: /^1 vote$/ }).waitFor();
    await site.cast([{ contest: 'followed', choice: 'right', voter: 'two' }]);
    await total.filter({ hasText: /^2 votes$/ }).waitFor();
    await site.askAsAdmin('PATCH', '/followed', { hidden: true });
    await page.getByText('Results are hidden until the vote closes.').waitFor();
    await site.askAsAdmin('PATCH', '/followed', { status: 'closed' });
    await page.getByText('This vote is closed.').waitFor();
    await total.filter({ hasText: /^2 votes$/ }).waitFor();
    await page.context().close();
  });

  test('an open vote page streams its counts, polls without a stream, and disconnects while it is hidden', async () => {
    site.allowFaults();
    await site.createContest({ id: 'live', title: 'Live', rule: 'open', options: [{ id: 'left' }, { id: 'right' }] });
    const page = await (await site.openContext()).newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/live')) asked.push(request.resourceType());
    });
    await page.goto(`${site.edge}/c/live`);
    const total = page.locator('.total');
    await waitFor(() => asked.length > 0, { what: 'the stream' });
    await site.cast([{ contest: 'live', choice: 'left', voter: 'one' }]);
    await total.filter({ hasText: /^1 vote$/ }).waitFor();
    expect(asked.filter((type) => type !== 'eventsource').length).toBeLessThanOrEqual(1);
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await site.cast([{ contest: 'live', choice: 'left', voter: 'two' }]);
    await waitFor(async () => (await (await fetch(`${site.edge}/v1/contests/live/live`)).json()).total === 2, {
      what: 'the count',
    });
    expect(await total.textContent()).toBe('1 vote');
    await hide(false);
    await total.filter({ hasText: /^2 votes$/ }).waitFor();
    // Rejected by the edge, or buffered by a proxy.
    await page.route('**/live', (route) =>
      route.request().resourceType() === 'eventsource' ? route.fulfill({ status: 429 }) : route.continue(),
    );
    await page.reload();
    await site.cast([{ contest: 'live', choice: 'left', voter: 'three' }]);
    await total.filter({ hasText: /^3 votes$/ }).waitFor();
    await page.context().close();
  });

  test('a second tab follows a change, and the page keeps its scroll position at option 35 of 40', async () => {
    const options = Array.from({ length: 40 }, (_, n) => ({ id: `o${n + 1}`, label: `Option ${n + 1}` }));
    await site.createContest({ id: 'forty', title: 'Forty', rule: 'one-per-voter', options });
    const context = await site.openContext({ viewport: { width: 390, height: 844 } });
    const [page, other] = [await context.newPage(), await context.newPage()];
    for (const tab of [other, page]) await tab.goto(`${site.edge}/c/forty`);
    const option = page.getByRole('button', { name: 'Option 35' });
    await option.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    await option.click();
    const notice = page.getByText('Your vote for Option 35 is counted.');
    await notice.waitFor();
    expect(Math.abs((await page.evaluate(() => scrollY)) - before)).toBeLessThan(100);
    expect(await notice.evaluate((line) => line.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
    await other.locator('.chosen').getByText('Option 35').waitFor();
    await context.close();
    const plain = await (await site.openContext({ javaScriptEnabled: false })).newPage();
    await plain.goto(`${site.edge}/c/forty`);
    await plain.getByRole('button', { name: 'Option 35' }).click();
    await plain.getByText('Your vote for Option 35 is counted.').waitFor();
    const box = await plain.getByRole('button', { name: 'Option 35' }).boundingBox();
    expect(box?.y).toBeGreaterThan(0);
    expect(box?.y).toBeLessThan(900);
    await plain.context().close();
  });

  test('an open vote page shows the winner when the contest closes', async () => {
    site.allowFaults();
    const options = [
      { id: 'a', label: 'Apple' },
      { id: 'b', label: 'Pear' },
    ];
    await site.createContest({ id: 'closing', title: 'Closing', rule: 'one-per-voter', options });
    await site.cast([{ contest: 'closing', choice: 'b', voter: 'one' }]);
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/closing`);
    // This one hears of the close only when it votes.
    const late = await (await site.openContext()).newPage();
    await late.route('**/live', (route) => route.abort());
    await late.goto(`${site.edge}/c/closing`);
    await site.askAsAdmin('PATCH', '/closing', { status: 'closed' });
    await page.getByText('Winner: Pear').waitFor();
    expect(await page.getByRole('button', { name: /Apple/ }).count()).toBe(0);
    await page.context().close();
    const refusal = late.getByText('Your vote arrived after the close and does not count.');
    await late.getByRole('button', { name: /Apple/ }).click();
    await refusal.waitFor();
    await late.unroute('**/live');
    await late.getByText('Winner: Pear').waitFor();
    await refusal.waitFor();
    await late.context().close();
  });

  test('a vote can be cast with the keyboard only', async () => {
    const options = [{ id: 'a', label: 'Apple' }, { id: 'b' }];
    await site.createContest({ id: 'keys', title: 'Keys', rule: 'one-per-voter', options });
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/keys`);
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement?.textContent?.includes('Apple') === true)) break;
    }
    await page.keyboard.press('Enter');
    await page.getByText('Your vote for Apple is counted.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-pressed'))).toBe('true');
    await page.context().close();
  });

  test('a vote cast without a connection is kept across a reload, and sent once', async () => {
    site.allowFaults();
    await site.createContest({
      id: 'offline',
      title: 'Offline',
      rule: 'open',
      options: [{ id: 'a', label: 'Apple' }, { id: 'b' }],
    });
    const context = await site.openContext();
    const page = await context.newPage();
    await page.goto(`${site.edge}/c/offline`);
    // Also for a page that was loaded before the worker was active.
    await page.waitForFunction(async () => (await caches.match(location.pathname)) !== undefined);
    await context.setOffline(true);
    await page.getByRole('button', { name: /Apple/ }).click();
    await page.getByText('Not sent yet: your vote for Apple').waitFor();
    await page.reload();
    await page.getByText('Not sent yet: your vote for Apple').waitFor();
    await context.setOffline(false);
    // The second text if the answer to the first attempt was lost.
    await page.getByText(/Your vote for Apple is counted\.|This vote was already counted/).waitFor();
    const results = await (await fetch(`${site.edge}/v1/contests/offline/results`)).json();
    expect(results).toMatchObject({ total: 1 });
    await context.close();
  });

  test('a vote cast during a restart of the edge is sent afterwards', async () => {
    site.allowFaults();
    await site.createContest({
      id: 'restart',
      title: 'Restart',
      rule: 'one-per-voter',
      options: [{ id: 'a', label: 'Apple' }, { id: 'b' }],
    });
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/restart`);
    site.system.services.find(({ name }) => name === 'edge')?.kill();
    await page.getByRole('button', { name: /Apple/ }).click();
    await page.getByText('Your vote for Apple is counted.').waitFor({ timeout: 30_000 });
    const results = await (await fetch(`${site.edge}/v1/contests/restart/results`)).json();
    expect(results).toMatchObject({ total: 1, changed: 0 });
    await page.context().close();
  });

  test('without JavaScript, a vote is counted with a receipt, and closed contests show the winner', async () => {
    await site.createContest({
      id: 'plain',
      title: 'Plain',
      rule: 'one-per-voter',
      options: [{ id: 'a', label: 'Apple' }, { id: 'b' }],
    });
    const page = await (await site.openContext({ javaScriptEnabled: false })).newPage();
    await page.goto(`${site.edge}/c/PLAIN`);
    expect(page.url()).toBe(`${site.edge}/c/plain`);
    await page.getByRole('button', { name: /Apple/ }).click();
    await page.getByText('Your vote for Apple is counted.').waitFor();
    const line = page.getByText(/Receipt: counted, received by .+, processed by .+\./);
    await line.waitFor();
    const address = await line.getByRole('link').getAttribute('href');
    const { status, edge, consumer } = await (await fetch(`${site.edge}${address}`)).json();
    expect(status).toBe('counted');
    expect(await line.textContent()).toBe(`Receipt: counted, received by ${edge}, processed by ${consumer}.`);
    await line.getByRole('link').click();
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    expect(await page.getByText('Apple').count()).toBe(0);
    await page.getByRole('link', { name: 'Back to the vote' }).click();
    await page.getByRole('heading', { name: 'Plain' }).waitFor();
    await site.askAsAdmin('PATCH', '/plain', { status: 'closed' });
    await waitFor(
      async () => (await (await fetch(`${site.edge}/v1/contests/plain`)).text()).includes('"status":"closed"'),
      { what: 'the close at the edge' },
    );
    await page.goto(`${site.edge}/c/plain`);
    await page.getByText('Winner: Apple').waitFor();
    await page.context().close();
  });

  test('the receipt follows its vote: queued, counted and superseded, also after a reload', async () => {
    site.allowFaults();
    const options = [
      { id: 'a', label: 'Apple' },
      { id: 'b', label: 'Pear' },
    ];
    await site.createContest({ id: 'receipts', title: 'Receipts', rule: 'one-per-voter', options });
    const consumers = site.system.services.filter(({ name }) => name.startsWith('consumer'));
    expect(consumers.length).toBeGreaterThan(0);
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/receipts`);
    for (const { pid } of consumers) process.kill(pid ?? 0, 'SIGSTOP');
    try {
      await page.getByRole('button', { name: /Apple/ }).click();
      await page.getByText(/Receipt: stored, but not counted yet, received by .+\./).waitFor();
    } finally {
      for (const { pid } of consumers) process.kill(pid ?? 0, 'SIGCONT');
    }
    const counted = page.getByText(/Receipt: counted, received by .+, processed by .+\./);
    await counted.waitFor();
    const first = await counted.getByRole('link').getAttribute('href');
    await page.reload();
    await counted.waitFor();
    await page.getByRole('button', { name: /Pear/ }).click();
    await page.getByText('Your vote for Pear is counted.').waitFor();
    expect(await counted.getByRole('link').getAttribute('href')).not.toBe(first);
    await page.goto(`${site.edge}${first}`);
    await page.getByText(/Receipt: superseded by a newer vote/).waitFor();
    expect(await findViolations(page)).toStrictEqual([]);
    await page.context().close();
  });

  test('a phone set to Spanish gets the page in Spanish, with the closing time in its own time zone', async () => {
    const closesAt = new Date(Date.now() + 3_600_000).toISOString();
    await site.createContest({
      id: 'idioma',
      title: 'Idioma',
      rule: 'one-per-voter',
      closesAt,
      options: [{ id: 'a', label: 'Manzana' }, { id: 'b' }],
    });
    const context = await site.openContext({
      locale: 'es-GT',
      timezoneId: 'America/Guatemala',
      viewport: { width: 390, height: 844 },
    });
    const page = await context.newPage();
    await page.goto(`${site.edge}/c/idioma`);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('es');
    await page.getByText(/cierra en (1:00:00|59:\d\d)/).waitFor();
    await page.getByRole('button', { name: /Manzana/ }).click();
    await page.getByText('Tu voto por Manzana está contado.').waitFor();
    await page.getByText(/Comprobante: contado, recibido por .+ y procesado por .+\./).waitFor();
    expect(await findViolations(page)).toStrictEqual([]);
    await context.close();
  });

  test('the vote page needs at most 20 KB and 5 requests', async () => {
    const page = await (await site.openContext()).newPage();
    const sizes: number[] = [];
    let streams = 0;
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'eventsource') streams += 1;
      else if (response.request().serviceWorker() === null) {
        const { responseBodySize, responseHeadersSize } = await response.request().sizes();
        sizes.push(responseBodySize + responseHeadersSize);
      }
    });
    await page.goto(`${site.edge}/c/bandas`, { waitUntil: 'load' });
    await waitFor(() => streams === 1, { what: 'the event stream' });
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const requests = sizes.length + streams;
    console.log(`vote page: ${bytes} bytes in ${requests} requests`);
    expect(requests).toBeLessThanOrEqual(5);
    expect(bytes).toBeLessThanOrEqual(20 * 1024);
    await page.context().close();
  });

  test('the page of examples/browser votes by Connect, and says what an edge refuses', async () => {
    // The page is on a port of its own.
    site.allowFaults();
    const port = await freePort();
    const command = [process.execPath, 'examples/browser/serve.ts', `${port}`, site.edge] as const;
    await using server = new Child({ name: 'the example', command });
    server.start();
    await server.hasPrinted('Open http://localhost');
    const page = await (await site.openContext()).newPage();
    await page.goto(`http://localhost:${port}`);
    await page.getByRole('button', { name: 'Cats' }).click();
    await page.getByText('Cats: 1, Dogs: 0').waitFor();
    await page.getByRole('button', { name: 'Dogs' }).click();
    await page.getByText('Cats: 0, Dogs: 1').waitFor();
    await site.askAsAdmin('PATCH', '/cats-vs-dogs', { status: 'closed' });
    await page.getByRole('button', { name: 'Cats' }).click();
    await page.getByText(/closed/).waitFor();
    const results = await (await fetch(`${site.edge}/v1/contests/cats-vs-dogs/results`)).json();
    expect(results.total).toBe(1);
    await page.context().close();
  });
});
