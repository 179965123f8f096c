import type { Page } from 'playwright-core';

/**
 * Looks for what keeps people out of a page: controls without a name, broken references, missing landmarks, text with
 * too little contrast, targets too small to hit. A smoke check: it finds slips, and is no proof that there are none.
 *
 * @returns one line a problem
 */
export async function findAccessibilityProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  for (const audit of [auditStructure, auditNames, auditTargets, auditContrast]) {
    problems.push(...(await page.evaluate(audit)));
  }
  return problems;
}

// Each audit runs in the page, so it can use nothing from outside itself.

function auditStructure(): string[] {
  const problems: string[] = [];
  if (document.documentElement.lang === '') problems.push('the page names no language');
  if (document.title === '') problems.push('the page has no title');
  for (const selector of ['main', 'h1']) {
    const count = document.querySelectorAll(selector).length;
    if (count !== 1) problems.push(`${count} of ${selector}, not 1`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) problems.push(`id ${id} twice`);
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls']) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      const missing = element
        .getAttribute(attribute)
        ?.split(' ')
        .filter((id) => document.getElementById(id) === null);
      for (const id of missing ?? []) problems.push(`${attribute} refers to ${id}, which is not there`);
    }
  }
  for (const table of document.querySelectorAll('table')) {
    if (table.querySelector('th') === null) problems.push(`a table without headings: ${table.textContent}`);
  }
  return problems;
}

function auditNames(): string[] {
  const nameOf = (element: HTMLElement) => {
    const ids = element.getAttribute('aria-labelledby')?.split(' ') ?? [];
    const labels = 'labels' in element ? [...((element.labels ?? []) as Iterable<HTMLElement>)] : [];
    const isField = element.matches('input, select, textarea');
    const texts = [
      element.ariaLabel,
      ...ids.map((id) => document.getElementById(id)?.textContent),
      ...labels.map((label) => label.textContent),
      isField ? '' : element.textContent,
    ];
    return texts.find((text) => (text ?? '').trim() !== '');
  };
  const named = 'a[href], button, summary, nav, dialog, canvas, [role="img"], input, select, textarea';
  return [...document.querySelectorAll<HTMLElement>(named)]
    .filter((element) => element.checkVisibility() && nameOf(element) === undefined)
    .map((element) => `has no name: ${element.outerHTML.slice(0, 120)}`);
}

function auditTargets(): string[] {
  const problems: string[] = [];
  for (const element of document.querySelectorAll('button, select, input, summary, nav a')) {
    const { width, height } = element.getBoundingClientRect();
    const isShown = element.checkVisibility() && width > 1;
    if (isShown && (width < 20 || height < 20)) {
      problems.push(`only ${width} by ${height} px: ${element.outerHTML.slice(0, 120)}`);
    }
  }
  const tooWide = document.documentElement.scrollWidth - innerWidth;
  if (tooWide > 0) problems.push(`the page is ${tooWide} px too wide`);
  return problems;
}

function auditContrast(): string[] {
  type Colour = readonly [number, number, number, number];
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  // The canvas knows every way in which CSS writes colours.
  const parse = (text: string): Colour => {
    if (canvas === null) return [0, 0, 0, 0];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top: Colour, below: Colour): Colour => {
    const mix = (i: 0 | 1 | 2) => top[i] * top[3] + below[i] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const backgroundOf = (element: Element | null): Colour => {
    if (element === null) return [255, 255, 255, 1];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, backgroundOf(element.parentElement));
  };
  const luminance = (colour: Colour) => {
    const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour;
    return 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  };
  const hasText = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && (node.nodeValue ?? '').trim() !== '');

  const problems: string[] = [];
  for (const element of document.body.querySelectorAll('*')) {
    // What can't be used may be pale, and what is not seen has no contrast.
    if (!hasText(element) || element.closest(':disabled, svg, .visually-hidden, noscript') !== null) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const style = getComputedStyle(element);
    const background = backgroundOf(element);
    const [a, b] = [luminance(over(parse(style.color), background)), luminance(background)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)}: ${element.outerHTML.slice(0, 120)}`);
  }
  return problems;
}
