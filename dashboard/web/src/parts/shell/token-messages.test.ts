import { expect, test } from 'vitest';
import { tokenMessages } from './token-messages.ts';

test('uses the first known language, whatever its region', () => {
  const languageOf = (...languages: string[]) => tokenMessages(languages).language;
  expect(languageOf('es-GT', 'en')).toBe('es');
  expect(languageOf('fr', 'ES', 'en')).toBe('es');
  expect(languageOf('en-US', 'es')).toBe('en');
  expect(languageOf('fr')).toBe('en');
  expect(languageOf()).toBe('en');
});

test("a problem without a translation keeps the server's text", () => {
  const problem = { type: 'about:blank', title: 'x', status: 500, code: 'internal', detail: 'Internal error' };
  expect(tokenMessages(['es']).problem(problem)).toBe('Internal error');
  expect(tokenMessages(['es']).problem({ ...problem, code: 'unauthenticated' })).toMatch(/^Hace falta un token válido/);
});
