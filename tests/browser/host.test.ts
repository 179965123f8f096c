import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { AuditView } from '../../dashboard/api/audit.ts';
import { describeNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';
import { findViolations } from './testing/audit.ts';
import { ADMIN_TOKEN, noBrowser, useSite } from './testing/site.ts';

const options = [
  { id: 'soup', label: 'Soup' },
  { id: 'salad', label: 'Salad' },
];

describeNeeding(noBrowser)('the host in a browser', () => {
  const site = useSite();

  const manage = async (page: Page) => {
    await page.getByText('Manage this contest').click();
    if (await page.getByLabel('Admin token').count()) {
      await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
      await page.getByRole('button', { name: 'Use token' }).click();
    }
  };
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
  const voteAt = async (contest: string) => {
    const body = JSON.stringify({ contest, choice: 'soup', voter: `voter-${Math.random()}` });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${site.edge}/v1/votes`, { method: 'POST', headers, body })).status;
  };

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
    // Without Latin letters the id is random, so each press could create a contest.
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
    // Simulates a restart with a different token.
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

  test('a contest is paused, resumed, reset, duplicated and deleted', async () => {
    await site.createContest({ id: 'lunch', title: 'Lunch', rule: 'one-per-voter', options });
    await site.cast([1, 2, 3].map((n) => ({ contest: 'lunch', choice: 'soup', voter: `guest-${n}` })));
    const page = await site.openPage('/contests/lunch');
    await page.getByRole('row', { name: /Soup 3/ }).waitFor();
    await manage(page);

    await press(page, 'Pause');
    await page.locator('.chip', { hasText: 'Paused' }).waitFor();
    expect(await voteAt('lunch')).toBe(409);
    const voter = await (await site.openContext()).newPage();
    await voter.goto(`${site.edge}/c/lunch`);
    await voter.getByText('Voting is paused and will resume soon.').waitFor();
    await press(page, 'Resume');
    await page.locator('.chip', { hasText: 'Open' }).waitFor();
    await waitFor(async () => (await voteAt('lunch')) === 202, { what: 'votes after the pause' });
    await page.getByRole('row', { name: /Soup 4/ }).waitFor();

    await press(page, 'Reset …');
    const confirm = page.getByRole('button', { name: 'Reset contest' });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel('Type lunch to confirm').fill('lunch');
    await confirm.click();
    await page.getByText('No votes yet').first().waitFor();
    await page.getByRole('cell', { name: 'Reset', exact: true }).waitFor();

    await press(page, 'Duplicate …');
    await page.getByLabel('Title').fill('Dinner');
    await press(page, 'Move option 2 up');
    await press(page, 'Create contest');
    await page.waitForURL(/\/contests\/dinner$/);
    const dinner = (await (await fetch(`${site.dashboard}/api/contests/dinner`)).json()) as {
      options: { id: string }[];
    };
    expect(dinner.options.map(({ id }) => id)).toStrictEqual(['salad', 'soup']);

    await manage(page);
    expect(await page.getByRole('button', { name: 'Delete …' }).count(), 'an open contest is not deleted').toBe(0);
    await press(page, 'Close now …');
    await press(page, 'Close contest');
    await press(page, 'Delete …');
    await page.getByLabel(/Delete them for good/).check();
    expect(await findViolations(page)).toStrictEqual([]);
    await page.getByLabel('Type dinner to confirm').fill('dinner');
    const logged = async () => (await fetch(`${site.dashboard}/api/logs?contest=dinner`)).status;
    expect(await logged()).toBe(200);
    await press(page, 'Delete contest');
    await page.waitForURL(/\/$/);
    expect((await fetch(`${site.dashboard}/api/contests/dinner`)).status).toBe(404);
    await waitFor(async () => (await logged()) === 422, { what: 'the log without the contest' });
    const { items } = (await (
      await fetch(`${site.dashboard}/api/audit?subject=dinner`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    ).json()) as AuditView;
    expect(items[0]?.changes).toContainEqual({ field: 'log', from: 'kept', to: 'deleted' });
    await voter.context().close();
    await page.context().close();
  });

  test('two admins edit: the second is shown what the first changed, and overwrites nothing', async () => {
    site.allowFaults();
    await site.createContest({ id: 'edited', title: 'Breakfast', rule: 'open', options });
    const [first, second] = [await site.openPage('/contests/edited'), await site.openPage('/contests/edited')];
    for (const page of [first, second]) {
      await manage(page);
      await press(page, 'Edit …');
    }
    await first.getByLabel('Title').fill('Brunch');
    await press(first, 'Save');
    await first.getByRole('heading', { name: 'Brunch', exact: true }).waitFor();

    await second.getByLabel('Label of option 2').fill('Fruit');
    await press(second, 'Save');
    const alert = second.getByRole('alert').filter({ hasText: 'Another admin changed this contest' });
    await alert.getByText('Brunch').waitFor();
    const read = async () =>
      (await (await fetch(`${site.dashboard}/api/contests/edited`)).json()) as {
        title: string;
        options: { label: string }[];
      };
    expect(await read()).toMatchObject({ title: 'Brunch', options: [{ label: 'Soup' }, { label: 'Salad' }] });
    await press(second, 'Save my changes too');
    await alert.waitFor({ state: 'detached' });
    await waitFor(async () => (await read()).options[1]?.label === 'Fruit', { what: 'the second edit' });
    expect((await read()).title).toBe('Brunch');
    await first.getByRole('row', { name: '– Fruit 0 –' }).waitFor();
    await Promise.all([first, second].map((page) => page.context().close()));
  });

  test('equal labels and a closing time in the past are refused in the form', async () => {
    site.allowFaults();
    const page = await site.openPage('/contests/visits');
    await manage(page);
    await press(page, 'Edit …');
    await page.getByLabel('Closes (').fill('2020-01-01T00:00');
    await press(page, 'Save');
    await page.getByRole('alert').getByText('Closes: must be in the future. To close the contest now').waitFor();
    await page.getByLabel('Closes (').fill('');
    await press(page, 'Add option');
    await page.getByLabel('Label of option 2').fill('visits');
    await press(page, 'Save');
    await page.getByRole('alert').getByText('Duplicate label').waitFor();
    await page.context().close();
  });
});
