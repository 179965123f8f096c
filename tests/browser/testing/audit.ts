import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** Evaluated through the debugger protocol, to which the page's Content-Security-Policy does not apply. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Runs axe-core on the page as it is now: one line per violation. */
export async function findViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const { violations } = await page.evaluate((runOnly) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run({ resultTypes: ['violations'], ...(runOnly !== undefined && { runOnly }) });
  }, rules);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`));
}

/**
 * A wide and a narrow layout, each in both color schemes. Within a layout, only rules about colors depend on the
 * scheme.
 */
const VIEWS = [
  { width: 1440, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark', rules: ['color-contrast'] },
  { width: 390, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light', rules: ['color-contrast'] },
] as const;

/** The violations at each width in each color scheme. The page must not animate. */
export async function findViolationsInAllViews(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { width, colorScheme, ...rest } of VIEWS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const rules = 'rules' in rest ? rest.rules : undefined;
    found.push(...(await findViolations(page, rules)).map((line) => `${width} px, ${colorScheme}: ${line}`));
  }
  return found;
}
