import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assert, expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { findViolations } from './testing/audit.ts';
import { noBrowser, useSite } from './testing/site.ts';

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

describeNeeding(noBrowser)('a contest in a frame of another site', () => {
  const site = useSite({ EMBED_ORIGINS: host.origin });

  test('a named origin shows it live, and no other page can be framed', async () => {
    // Requests to the host are outside of the site.
    site.allowFaults();
    await site.cast([{ contest: 'cats-vs-dogs', choice: 'cats', voter: 'one' }]);
    const page = await (await site.openContext()).newPage();
    address.frame = `${site.dashboard}/embed/cats-vs-dogs`;
    await page.goto(host.origin);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Cats or dogs?' }).waitFor();
    await site.cast([{ contest: 'cats-vs-dogs', choice: 'cats', voter: 'two' }]);
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
