import { beforeAll, expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';
import { noBrowser, PAGES, SEED_VOTES, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('the layout in a browser', () => {
  const site = useSite();
  beforeAll(() => site.cast(SEED_VOTES));

  test('nothing overflows at any width', async () => {
    const page = await site.openPage('/log');
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
            boxes.some((b) => a !== b && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom),
        ).length;
      });
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const width of [320, 390, 480, 500, 520, 560, 600, 640, 700, 820, 840, 1000, 1160, 1200]) {
      await page.setViewportSize({ width, height: 900 });
      expect([await overlaps(), await sideways()], `${width} px`).toStrictEqual([0, 0]);
    }
    const contest = '/contests/all-for-one';
    const options = [{ id: 'all', label: 'All' }, { id: 'none' }];
    await site.createContest({ id: 'all-for-one', title: 'All for one', rule: 'open', options });
    await site.cast([{ contest: 'all-for-one', choice: 'all', voter: 'one' }]);
    for (const path of ['/', contest, `${contest}?stage`]) {
      await page.goto(site.dashboard + path);
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

  test('right-to-left text is cut off at its left end', async () => {
    const labels = ['פלאפל!', 'شاورما.', 'Pizza?'];
    const options = labels.map((label, n) => ({ id: `o${n}`, label }));
    await site.createContest({ id: 'rtl', title: 'מה לאכול?', rule: 'open', options });
    await site.cast([{ contest: 'rtl', choice: 'o0', voter: 'one' }]);
    const page = await (await site.openContext()).newPage();
    for (const address of [
      `${site.edge}/c/rtl`,
      `${site.dashboard}/contests/rtl`,
      `${site.dashboard}/log?contest=rtl`,
    ]) {
      await page.goto(address);
      await page.getByText('פלאפל!').filter({ visible: true }).first().waitFor();
      const wrong = await page.evaluate(() => {
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, ({ parentElement, nodeValue }) =>
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

  test('text at double size fits a phone', async () => {
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    const options = [{ id: 'yes' }, { id: 'no' }, { id: 'perhaps' }];
    await site.createContest({ id: 'later', title: 'Later', rule: 'one-per-voter', opensAt, options });
    const page = await (await site.openContext({ viewport: { width: 390, height: 844 } })).newPage();
    const addresses = [
      ...PAGES.map((path) => site.dashboard + path),
      site.edge,
      `${site.edge}/c/bandas`,
      `${site.edge}/c/later`,
    ];
    for (const address of addresses) {
      await page.goto(address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForFunction(() => document.querySelector('.notice.loading') === null);
      const [grown, sideways, skip] = await page.evaluate(() => {
        const size = () => Number.parseFloat(getComputedStyle(document.querySelector('h1') ?? document.body).fontSize);
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

  test('words of the maximum length do not overflow', async () => {
    const page = await (await site.openContext()).newPage();
    const long = 'W'.repeat(200);
    const id = 'w'.repeat(64);
    const labels = [long, 'V'.repeat(200), 'short'];
    const options = labels.map((label, n) => ({ id: `o${n}`, label }));
    await site.createContest({ id, title: long, rule: 'one-per-voter', options });
    await site.cast([{ contest: id, choice: 'o0', voter: 'one' }]);
    const contest = `/contests/${id}`;
    for (const address of [
      `${site.edge}/c/${id}`,
      site.edge,
      ...['/', contest, `${contest}?stage`, '/log'].map((p) => site.dashboard + p),
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

  test('the stage fits every screen', async () => {
    for (const [width, height] of [
      [1920, 1080],
      [1024, 768],
    ] as const) {
      const page = await site.openPage('/contests/bandas?stage', { viewport: { width, height } });
      for (const id of ['bandas', 'cats-vs-dogs', 'visits']) {
        await page.goto(`${site.dashboard}/contests/${id}?stage`);
        await page.locator('.stage-counts').waitFor();
        const [scrollWidth = 0, scrollHeight = 0] = await page.evaluate(() => {
          const { scrollWidth, scrollHeight } = document.documentElement;
          return [scrollWidth, scrollHeight];
        });
        expect(scrollWidth <= width && scrollHeight <= height, `${id}: ${scrollWidth} x ${scrollHeight}`).toBeTruthy();
      }
      await page.context().close();
    }
  });

  test('bars are visible with forced colors', async () => {
    const page = await site.openPage('/contests/bandas', { forcedColors: 'active', colorScheme: 'dark' });
    for (const [address, bar] of [
      [`${site.dashboard}/contests/bandas`, '.bar-fill'],
      [`${site.dashboard}/contests/cats-vs-dogs`, '.beam-part'],
      [`${site.edge}/c/cats-vs-dogs`, '.fill'],
      [`${site.dashboard}/log`, '[aria-current="page"]'],
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

  test('reduced motion stops all motion', async () => {
    const page = await site.openPage('/contests/bandas', { reducedMotion: 'reduce' });
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

  test('the stage shows a large code before the first vote, a countdown, and the winner after the close', async () => {
    const opensAt = new Date(Date.now() + 3_000_000).toISOString();
    const options = [
      { id: 'a', label: 'Apple' },
      { id: 'b', label: 'Banana' },
    ];
    await site.createContest({ id: 'hall', title: 'Hall', rule: 'open', opensAt, options });
    const page = await site.openPage('/contests/hall?stage', { viewport: { width: 1920, height: 1080 } });
    const code = page.getByRole('img', { name: /QR code/ });
    await page.getByText(/Opens in (49|50):\d\d/).waitFor();
    expect((await code.boundingBox())?.height).toBeGreaterThan(1080 / 3);
    await site.askAsAdmin('PATCH', '/hall', { status: 'open' });
    await page.getByText(/Opens in/).waitFor({ state: 'detached' });
    await waitFor(
      async () => (await (await fetch(`${site.edge}/v1/contests/hall`)).text()).includes('"status":"open"'),
      { what: 'the opening at the edge' },
    );
    await site.cast([{ contest: 'hall', choice: 'b', voter: 'one' }]);
    await page.getByText('1 vote', { exact: true }).first().waitFor();
    expect((await code.boundingBox())?.height).toBeGreaterThan(1080 / 5);
    await site.askAsAdmin('PATCH', '/hall', { status: 'closed' });
    await page.getByText('Winner: Banana').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/\/contests\/(?!hall)[\w-]+\?stage$/);
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/contests\/[\w-]+$/);
    await page.context().close();
  });
});
