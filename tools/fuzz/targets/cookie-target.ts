import assert from 'node:assert/strict';
import type { EdgeContext } from '../../../edge/http/edge-env.ts';
import { CookieSigner } from '../../../edge/http/voter/cookie-signer.ts';
import { VoterCookie } from '../../../edge/http/voter/voter-cookie.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { textOf, texts } from './damaged.ts';

const SECRET = Buffer.alloc(32, 9);
const CONFIG = { publicOrigin: '', trustProxy: { hops: 0 }, voterSecrets: [] };
const NOW_MS = Date.UTC(2026, 0, 1);
const signer = new CookieSigner([SECRET]);
const issuedAt = (daysAgo: number) => Math.floor((NOW_MS - daysAgo * 86_400_000) / 1000).toString(36);
const voters = Array.from({ length: 20 }, (_, n) => {
  const payload = `web-${Buffer.alloc(16, n).toString('base64url')}`;
  return { voter: payload, value: signer.sign('voter', `${payload}~${issuedAt(n)}`) };
});
/** Signed values that are not valid voter cookies. */
const others = [
  signer.sign('choice bandas', Buffer.from('web-someone~zzzzzz').toString('base64url')),
  signer.sign('choice bandas', `web-AAAAAAAAAAAAAAAAAAAAAA~${issuedAt(0)}`),
  signer.sign('voter', `web-AAAAAAAAAAAAAAAAAAAAAA~${issuedAt(400)}`),
  new CookieSigner(['a secret that was rotated out']).sign('voter', `web-AAAAAAAAAAAAAAAAAAAAAA~${issuedAt(0)}`),
];

/** A cookie identifies a voter only if it contains a complete value that was issued to that voter. */
export function cookieTarget(spoil = (cookie: VoterCookie): Pick<VoterCookie, 'read'> => cookie): FuzzTarget {
  const cookie = spoil(new VoterCookie(SECRET, CONFIG, () => NOW_MS));
  const headers = [...voters.map(({ value }) => value), ...others].map((value) => `voter=${value}`);
  return {
    inputs: texts([...headers, `choice.bandas=x; ${headers[0]}`, `voter="${voters[0]?.value}"`]),
    check(input) {
      const text = textOf(input);
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return;
      // The only parts of a request that the cookie reads.
      const raw = { headers: new Headers({ cookie: text }) };
      const identity = cookie.read({ req: { raw, url: 'http://edge/' } } as unknown as EdgeContext);
      const issued = voters.find(({ value }) => decoded(text).includes(value));
      if (identity.status === 'valid') assert.equal(identity.voter, issued?.voter, text);
      const whole = voters.find(({ value }) => text === `voter=${value}`);
      if (whole !== undefined) assert.equal(identity.status, 'valid', text);
    },
  };
}

function decoded(text: string): string {
  return text.replace(/%[\da-f]{2}/gi, (encoded) => String.fromCharCode(Number.parseInt(encoded.slice(1), 16)));
}
