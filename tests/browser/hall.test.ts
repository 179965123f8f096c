import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { assert, expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { findViolations } from './testing/audit.ts';
import { readQrCode } from './testing/read-qr-code.ts';
import { noBrowser, SEED_VOTES, useSite } from './testing/site.ts';

const SCREEN = { width: 1920, height: 1080 };
/** Minimum size in pixels of 1080: a capital letter of 2.9 cm on a 2.5 m screen. */
const LEAST_TEXT = 32;

/** A page of another site, on a port of its own, which makes it another origin. */
async function openHost(frame: () => string) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><html lang="en"><title>Host</title><iframe title="Vote" src="${frame()}"></iframe>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, origin: `http://127.0.0.1:${port}` };
}

const address = { frame: '' };
const host = await openHost(() => address.frame);

describeNeeding(noBrowser)('the hall in a browser: the stage at 1920 x 1080, and a frame in another site', () => {
  const site = useSite({ EMBED_ORIGINS: host.origin });

  test('the code on the screen leads to the vote page, before and during the vote, light and dark', async () => {
    const options = [{ id: 'a' }, { id: 'b' }];
    await site.createContest({ id: 'scanned', title: 'Scanned', rule: 'open', options });
    await site.cast(SEED_VOTES);
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await (await site.openContext({ viewport: SCREEN, colorScheme })).newPage();
      for (const [id, least] of [
        ['scanned', 1080 / 3],
        ['bandas', 1080 / 5],
      ] as const) {
        await page.goto(`${site.dashboard}/contests/${id}?stage`);
        const code = page.getByRole('img', { name: /^QR code of / });
        await code.waitFor();
        expect((await code.boundingBox())?.height).toBeGreaterThanOrEqual(least);
        const address =
          (await readQrCode(page, await page.screenshot({ clip: around(await code.boundingBox()) }))) ?? '';
        expect(await code.getAttribute('aria-label')).toBe(`QR code of ${address}`);
        // The network host may not be reachable from here, but the path is the edge's.
        const { pathname } = new URL(address);
        expect(pathname).toMatch(/^\/[2-9B-Z]{6}$/);
        const answer = await fetch(site.edge + pathname, { redirect: 'manual' });
        expect(answer.headers.get('location')).toBe(`/c/${id}`);
      }
      await page.context().close();
    }
  });

  test('every text can be read from 10 m with 2, 8 and 40 options, and long labels wrap', async () => {
    const long = 'A label as long as the name of a band that is hard to remember';
    const page = await (await site.openContext({ viewport: SCREEN })).newPage();
    for (const count of [2, 8, 40]) {
      const options = Array.from({ length: count }, (_, n) => ({
        id: `o${n}`,
        label: `${n % 3 === 1 ? long : 'Short'} ${n}`,
      }));
      const id = `hall-${count}`;
      const closesAt = new Date(Date.now() + 3_600_000).toISOString();
      await site.createContest({ id, title: `A hall that chooses among ${count}`, rule: 'open', closesAt, options });
      await site.cast(options.flatMap((_, n) => vote(id, n, Math.min(9, count - n))));
      await page.goto(`${site.dashboard}/contests/${id}?stage`);
      await page.getByText(/^Closes in/).waitFor();
      await page.getByText(`${long} 1`).waitFor();
      expect(await findFlaws(page), `${count} options`).toStrictEqual([]);
      const shown = await page.locator('.stage .bar-row, .stage .versus-side').count();
      expect(shown).toBeGreaterThanOrEqual(count === 2 ? 2 : 5);
      const more = await page.getByText(/^and \d+ more$/).count();
      expect(more).toBe(shown < count ? 1 : 0);
    }
    await page.context().close();
  });

  test('a named origin shows it live, and no other page can be framed', async () => {
    // Requests to the host are outside of the site.
    site.allowFaults();
    const options = [{ id: 'a' }, { id: 'b' }];
    await site.createContest({ id: 'framed', title: 'Framed?', rule: 'one-per-voter', options });
    await site.cast([{ contest: 'framed', choice: 'a', voter: 'one' }]);
    const page = await (await site.openContext()).newPage();
    address.frame = `${site.dashboard}/embed/framed`;
    await page.goto(host.origin);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Framed?' }).waitFor();
    await site.cast([{ contest: 'framed', choice: 'a', voter: 'two' }]);
    await frame.getByText('2 votes').first().waitFor();
    expect(await frame.getByRole('link', { name: 'Vote' }).getAttribute('target')).toBe('_blank');
    for (const path of ['/', '/contests/cats-vs-dogs', '/log']) {
      const { headers } = await fetch(site.dashboard + path);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
    const { headers } = await fetch(address.frame);
    expect(headers.get('content-security-policy')).toContain(`frame-ancestors ${host.origin}`);
    expect(headers.get('x-frame-options')).toBe(null);
    await page.goto(address.frame);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await findViolations(page)).toStrictEqual([]);
    await page.context().close();
    host.server.close();
    assert(!host.server.listening);
  });
});

/** A part of the screen with a margin. */
function around(box: { x: number; y: number; width: number; height: number } | null) {
  const { x, y, width, height } = box ?? { x: 0, y: 0, width: 1, height: 1 };
  return { x: x - 60, y: Math.max(0, y - 60), width: width + 100, height: height + 100 };
}

function vote(contest: string, option: number, times: number) {
  return Array.from({ length: times }, (_, n) => ({ contest, choice: `o${option}`, voter: `voter-${option}-${n}` }));
}

/** Texts of the stage that are too small, cut off or outside the screen. */
async function findFlaws(page: Page): Promise<string[]> {
  return await page.evaluate((least) => {
    const flaws: string[] = [];
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > innerWidth || scrollHeight > innerHeight)
      flaws.push(`the page is ${scrollWidth} x ${scrollHeight}`);
    const texts = document.createTreeWalker(document.querySelector('.stage') ?? document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const text = texts.currentNode.textContent?.trim() ?? '';
      if (element === null || text === '' || element.closest('.stage-tools, .visually-hidden, svg') !== null) continue;
      const { fontSize, textOverflow } = getComputedStyle(element);
      if (Number.parseFloat(fontSize) < least) flaws.push(`${text}: ${fontSize}`);
      const isCut = textOverflow === 'ellipsis' || element.scrollWidth > Math.max(element.clientWidth, 1) + 1;
      if (isCut && getComputedStyle(element).display !== 'inline') flaws.push(`${text}: cut off`);
    }
    return flaws;
  }, LEAST_TEXT);
}
