import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { SystemView } from '../../store/monitoring/system.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { parseText } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { describeNeeding } from '../support/needing.ts';
import { findViolations } from './testing/audit.ts';
import { ADMIN_TOKEN, noBrowser, SEED_VOTES, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('the operator in a browser', () => {
  const site = useSite();
  beforeAll(async () => {
    await site.cast(SEED_VOTES);
    await using redis = openRedis({ urls: site.system.redisUrls, name: 'browser-test' });
    await redis.whenReady();
    await redis.send(streamKey(1), ['XADD', streamKey(1), '*', 'b', 'this is no batch of votes']);
  });

  test('the operator opens a dead letter and replays it', async () => {
    const page = await site.openPage('/system');
    await page.getByText(/^ ?Balanced: every accepted vote is tallied and logged, or is a dead letter\.$/).waitFor();
    // The entry failed in both groups and is listed once.
    const cause = page.locator('details.cause');
    await cause.getByText('1 entry').click();
    expect(await cause.getByRole('row').count()).toBe(2);
    await cause.getByRole('button', { name: 'log' }).waitFor();
    await cause.getByRole('button', { name: 'tally' }).click();
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await page.getByText(Buffer.from('this is no batch of votes').toString('hex')).waitFor();
    expect(await findViolations(page)).toStrictEqual([]);
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText(/Returned to its stream as \d+-\d+/).waitFor();
    await cause.getByRole('button', { name: 'Replay all …' }).click();
    await page.getByRole('button', { name: 'Replay all', exact: true }).click();
    await page.getByRole('status').getByText('failed again').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await cause.getByRole('button', { name: 'Discard all …' }).click();
    await page.getByRole('button', { name: 'Discard all', exact: true }).click();
    await page
      .getByRole('status')
      .getByText(/\d discarded/)
      .waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('No dead letters').waitFor();
    await page.getByText('Changes by operators').click();
    await page.getByRole('cell', { name: 'Discarded dead letters' }).waitFor();
    await page.context().close();
  });

  test('the page waits for a slow server, and reports one that never answers', async () => {
    site.allowFaults();
    const page = await (await site.openContext()).newPage();
    await page.clock.install();
    let answers = true;
    let lists = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/api/dead-letters')) lists += 1;
    });
    await page.route('**/api/system', async (route) => {
      // The page polls every 2 s.
      if (answers) await delay(2500).then(() => route.continue());
    });
    await page.goto(`${site.dashboard}/system`);
    await page.getByRole('heading', { name: 'Ledger' }).waitFor();
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await page.locator('.notice.loading').waitFor({ state: 'detached' });
    expect(lists).toBe(1);
    answers = false;
    // Advances past the answer in progress, to the next request, and beyond its time limit.
    for (let i = 0; i < 3; i++) await page.clock.fastForward(10_000);
    await page.getByRole('alert').filter({ hasText: 'did not answer within 10 s' }).waitFor();
    await page.context().close();
  });

  test('the System page turns red while no edge is alive', async () => {
    site.allowFaults();
    const page = await site.openPage('/system');
    await page.locator('.tile.good').filter({ hasText: 'Edges' }).waitFor();
    const { edges } = (await (await fetch(`${site.dashboard}/api/system`)).json()) as SystemView;
    const pid = Number(edges[0]?.details.pid);
    process.kill(pid, 'SIGSTOP');
    try {
      await page.locator('.tile.bad').filter({ hasText: 'No votes are accepted' }).waitFor();
      await page.getByText('No edge is running: no votes are accepted').waitFor();
      await page.getByText(/Edge \S+ stopped reporting/).waitFor();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await page.locator('.tile.good').filter({ hasText: 'Edges' }).waitFor();
    await page.context().close();
  });

  test('every page reports stale values while Redis is frozen', async () => {
    site.allowFaults();
    const context = await site.openContext();
    const paths = ['/', '/contests/bandas', '/contests/bandas?stage', '/log', '/system'];
    const pages = await Promise.all(
      paths.map(async (path) => {
        const page = await context.newPage();
        await page.goto(site.dashboard + path);
        await page.getByText('Live', { exact: true }).waitFor();
        await page.evaluate(() => {
          const timer = setInterval(() => {
            if (document.querySelector('.is-stale') === null) return;
            clearInterval(timer);
            Object.assign(window, { staleAt: Date.now() });
          }, 50);
        });
        return page;
      }),
    );
    await using redis = openRedis({ urls: site.system.redisUrls, name: 'browser-test' });
    await redis.whenReady();
    const info = await redis.send(undefined, ['INFO', 'server'], parseText);
    const pid = Number(/^process_id:(\d+)/m.exec(info)?.[1]);
    const frozenAt = Date.now();
    process.kill(pid, 'SIGSTOP');
    try {
      for (const [index, page] of pages.entries()) {
        await page.getByText(/Stale since \d\d:\d\d:\d\d/).waitFor({ timeout: 5000 });
        const dimmed = page.locator('.is-stale, .is-stale *');
        await dimmed.first().waitFor();
        const opacities = await dimmed.evaluateAll((all) => all.map((each) => Number(getComputedStyle(each).opacity)));
        expect(Math.min(...opacities), paths[index]).toBeLessThan(1);
        const staleAt = await page.evaluate(() => (window as unknown as { staleAt: number }).staleAt);
        console.log(`${paths[index]}: stale ${staleAt - frozenAt} ms after Redis froze`);
        expect(staleAt - frozenAt, paths[index]).toBeLessThan(2000);
      }
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    for (const page of pages) await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    await context.close();
  });
});
