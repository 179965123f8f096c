import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactPasswords } from './redact-passwords.ts';

const cases: [string, string][] = [
  ['redis://a:6379', 'redis://a:6379'],
  ['redis://a:6379/3,b:7000', 'redis://a:6379/3,b:7000'],
  ['redis://user:hush@a:6379', 'redis://user:***@a:6379'],
  ['redis://:hush@a', 'redis://:***@a'],
  ['redis://user:hush@a,user:hush@b', 'redis://user:***@a,user:***@b'],
  ['mongodb://user:hush@a:1,b:2/votes?w=1', 'mongodb://user:***@a:1,b:2/votes?w=1'],
  [
    'mongodb://a/votes?tlsCertificateKeyFilePassword=hush&w=1',
    'mongodb://a/votes?tlsCertificateKeyFilePassword=***&w=1',
  ],
];

for (const [url, shown] of cases) test(`${url} is shown as ${shown}`, () => expect(redactPasswords(url)).toBe(shown));

test('no password with special characters is shown', () => {
  const password = fc.stringMatching(/^[ -~]{0,20}$/).map((text) => `hu${text}sh`);
  const host = fc.constantFrom('a', 'a:6379', 'a/0', 'a,b:1', '[');
  fc.assert(
    fc.property(password, host, (secret, at) => {
      const shown = redactPasswords(`redis://user:${secret}@${at}`);
      expect(shown.includes(secret)).toBe(false);
      expect(shown.endsWith(at)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
