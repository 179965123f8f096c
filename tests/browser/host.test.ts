import { expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { ADMIN_TOKEN, noBrowser, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('the host in a browser', () => {
  const site = useSite();

  test('the host creates, hides and closes a contest', async () => {
    const page = await site.openPage('/');
    await page.getByRole('button', { name: 'New contest' }).click();
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByLabel('Title').fill('¿Café o té?');
    await page.getByLabel('Label of option 1').fill('Café');
    await page.getByLabel('Label of option 2').fill('Té');
    await page.getByRole('button', { name: 'Add option' }).click();
    await page.getByLabel('Label of option 3').fill('<img src=x onerror=alert(1)>');
    await page.getByRole('button', { name: 'Create contest' }).click();
    await page.waitForURL(/\/contests\/cafe-o-te$/);
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();

    await page.getByText('Manage this contest').click();
    await page.getByRole('button', { name: 'Hide results' }).click();
    await page.getByText('Results are hidden', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Close now' }).click();
    await page.getByRole('button', { name: 'Keep it open' }).click();
    await page.getByText('Open', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Close now' }).click();
    await page.getByRole('button', { name: 'Close contest' }).click();
    await page.getByText('Closed', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Reopen' }).waitFor();
    await page.getByRole('row', { name: /Café/ }).waitFor();
    expect(await page.getByRole('button', { name: /Hide results|Show results/ }).count(), 'neither has an effect').toBe(
      0,
    );
    await page.getByRole('cell', { name: 'Closed' }).first().waitFor();
    await page.context().close();
  });

  test('a double press creates one contest', async () => {
    const page = await site.openPage('/');
    await page.getByRole('button', { name: 'New contest' }).click();
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Use token' }).click();
    // Without Latin letters the id is random, so that each attempt would create its own contest.
    await page.getByLabel('Title').fill('二度押し');
    await page.getByLabel('Label of option 1').fill('一');
    await page.getByLabel('Label of option 2').fill('二');
    const held = Promise.withResolvers<void>();
    let posts = 0;
    await page.route('**/api/contests', async (route) => {
      posts += 1;
      await held.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Create contest' }).dblclick();
    held.resolve();
    await page.getByRole('heading', { name: '二度押し' }).waitFor();
    expect(posts).toBe(1);
    const { contests } = (await (await fetch(`${site.dashboard}/api/contests`)).json()) as {
      contests: { title: string }[];
    };
    expect(contests.filter(({ title }) => title === '二度押し').length).toBe(1);
    await page.context().close();
  });

  test('a wrong token is reported', async () => {
    site.allowFaults();
    const page = await site.openPage('/contests/visits');
    await page.getByText('Manage this contest').click();
    await page.getByLabel('Admin token').fill('not-the-token-at-all');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByRole('alert').filter({ hasText: 'admin token is wrong' }).waitFor();
    await page.getByLabel('Admin token').waitFor();
    expect(await page.getByRole('button', { name: 'Hide results' }).count()).toBe(0);
    await page.context().close();
  });

  test('a token that is rejected later keeps the draft', async () => {
    site.allowFaults();
    const page = await site.openPage('/');
    await page.getByRole('button', { name: 'New contest' }).click();
    const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent);
    const useToken = async () => {
      await page.getByLabel('Admin token').waitFor();
      expect(await focused()).toBe('Admin token');
      await page.keyboard.type(ADMIN_TOKEN);
      await page.keyboard.press('Enter');
      await page.getByLabel('Title').waitFor();
      expect(await focused()).toBe('Title');
    };
    await useToken();
    await page.keyboard.type('猫か犬か');
    await page.getByLabel('Label of option 1').fill('猫');
    await page.getByLabel('Label of option 2').fill('犬');
    // As after a restart with a different token.
    await page.evaluate(() => sessionStorage.setItem('votewire.admin', 'the-token-of-yesterday'));
    await page.getByRole('button', { name: 'Create contest' }).click();
    await page.getByRole('alert').filter({ hasText: 'admin token is wrong' }).waitFor();
    await useToken();
    expect(await page.getByLabel('Title').inputValue()).toBe('猫か犬か');
    await page.getByRole('button', { name: 'Create contest' }).click();
    await page.waitForURL(/\/contests\/contest-[a-z0-9]+$/);
    await page.getByRole('heading', { name: '猫か犬か' }).waitFor();
    await page.getByText('No votes yet').waitFor();
    await page.getByRole('row', { name: '– 犬 0 –' }).waitFor();
    await page.context().close();
  });
});
