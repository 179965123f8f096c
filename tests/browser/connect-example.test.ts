import { expect, test } from 'vitest';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import { Child } from '../support/child.ts';
import { describeNeeding } from '../support/needing.ts';
import { noBrowser, useSite } from './testing/site.ts';

describeNeeding(noBrowser)('examples/browser: a page that votes by Connect', () => {
  const site = useSite();

  test('casts a vote, changes it, and says what an edge refuses', async () => {
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
