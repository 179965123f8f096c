import type { Page } from 'playwright-core';
import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { noBrowser, SEED_VOTES, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('the stage at 1920 x 1080', () => {
  const site = useSite();

  test('the code on the screen leads to the vote page, before and during the vote', async () => {
    const options = [{ id: 'a' }, { id: 'b' }];
    await site.createContest({ id: 'scanned', title: 'Scanned', rule: 'open', options });
    await site.cast(SEED_VOTES);
    const page = await (await site.openContext({ viewport: { width: 1920, height: 1080 } })).newPage();
    for (const id of ['scanned', 'bandas']) {
      await page.goto(`${site.dashboard}/contests/${id}?stage`);
      const code = page.getByRole('img', { name: /^QR code of / });
      await code.waitFor();
      const address = ((await code.getAttribute('aria-label')) ?? '').replace('QR code of ', '');
      const { size, data } = encode(address, { ecc: 'M', border: 4 });
      expect(await readModules(page, await code.screenshot(), size)).toStrictEqual(data);
      // The host of the network may not be reachable from here, but the path is the edge's.
      const { pathname } = new URL(address);
      expect(pathname).toMatch(/^\/[2-9B-Z]{6}$/);
      const answer = await fetch(site.edge + pathname, { redirect: 'manual' });
      expect(answer.headers.get('location')).toBe(`/c/${id}`);
    }
    await page.context().close();
  });
});

/** The dark modules of a symbol in a picture: the color at the center of each. */
async function readModules(page: Page, picture: Buffer, size: number): Promise<boolean[][]> {
  const blank = await page.context().newPage();
  const modules = await blank.evaluate(
    async ({ base64, count }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d', { willReadFrequently: true });
      canvas?.drawImage(image, 0, 0);
      const isDark = (x: number, y: number) => {
        const place = [((x + 0.5) * image.width) / count, ((y + 0.5) * image.height) / count].map(Math.floor);
        return (canvas?.getImageData(place[0] ?? 0, place[1] ?? 0, 1, 1).data[0] ?? 255) < 128;
      };
      return Array.from({ length: count }, (_, y) => Array.from({ length: count }, (_, x) => isDark(x, y)));
    },
    { base64: picture.toString('base64'), count: size },
  );
  await blank.close();
  return modules;
}
