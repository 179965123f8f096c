import { hkdfSync, randomBytes } from 'node:crypto';
import { getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { EdgeConfig } from '../../config.ts';
import type { EdgeContext } from '../edge-env.ts';

/** Who a browser is, and what it chose last: signed cookies that no script can read. */
export interface VoterCookie {
  /** `missing`: the browser has none. `invalid`: its signature does not match. */
  read(c: EdgeContext): Promise<{ voter: string } | 'missing' | 'invalid'>;
  /** Gives the browser an identity unless it has one. */
  ensure(c: EdgeContext): Promise<void>;
  choice(c: EdgeContext, contest: string): Promise<string | undefined>;
  remember(c: EdgeContext, contest: string, choice: string): Promise<void>;
}

const NAME = 'voter';
const YEAR_S = 365 * 86_400;

export function createVoterCookie(secret: Buffer, config: EdgeConfig): VoterCookie {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'votewire cookie', 32));
  const options = (c: EdgeContext) =>
    ({
      path: '/',
      httpOnly: true,
      sameSite: 'Lax',
      maxAge: YEAR_S,
      secure: isHttps(c, config),
    }) as const;
  const choiceName = (contest: string) => `choice.${contest}`;
  return {
    async read(c) {
      const voter = await getSignedCookie(c, key, NAME);
      if (voter === undefined) return 'missing';
      return voter === false ? 'invalid' : { voter };
    },
    async ensure(c) {
      if (await getSignedCookie(c, key, NAME)) return;
      await setSignedCookie(c, NAME, `web-${randomBytes(16).toString('base64url')}`, key, options(c));
    },
    async choice(c, contest) {
      // The value names its contest: copied to another contest's cookie it does not count.
      const value = (await getSignedCookie(c, key, choiceName(contest))) || '';
      return value.startsWith(`${contest} `) ? value.slice(contest.length + 1) : undefined;
    },
    async remember(c, contest, choice) {
      await setSignedCookie(c, choiceName(contest), `${contest} ${choice}`, key, options(c));
    },
  };
}

/** Over plain HTTP, as from a phone on the same network, a browser would never send a `secure` cookie back. */
function isHttps(c: EdgeContext, { publicOrigin, trustProxy }: EdgeConfig): boolean {
  if (publicOrigin !== '') return publicOrigin.startsWith('https:');
  return c.req.url.startsWith('https:') || (trustProxy && c.req.header('x-forwarded-proto') === 'https');
}
