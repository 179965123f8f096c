import { expect, test } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
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

  test('the outcome of a vote is shown once, and not again after a reload', async () => {
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
    // The browser reports the rejected request by which the page learns that the results are hidden.
    site.allowFaults();
    const options = [{ id: 'left' }, { id: 'right' }];
    await site.createContest({ id: 'followed', title: 'Followed', rule: 'open', hidden: true, options });
    await site.cast([{ contest: 'followed', choice: 'left', voter: 'one' }]);
    const page = await (await site.openContext()).newPage();
    await page.goto(`${site.edge}/c/followed`);
    await page.getByText('Results are shown later.').waitFor();
    await site.askAsAdmin('PATCH', '/followed', { hidden: false });
    const total = page.locator('.total');
    await total.filter({ hasText: /^1 vote$/ }).waitFor();
    await site.cast([{ contest: 'followed', choice: 'right', voter: 'two' }]);
    await total.filter({ hasText: /^2 votes$/ }).waitFor();
    await site.askAsAdmin('PATCH', '/followed', { hidden: true });
    await page.getByText('Results are shown later.').waitFor();
    await site.askAsAdmin('PATCH', '/followed', { status: 'closed' });
    await page.getByText('This vote is closed.').waitFor();
    await total.filter({ hasText: /^2 votes$/ }).waitFor();
    await page.context().close();
  });
});
