import { hkdfSync, randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { EdgeConfig } from '../../config.ts';
import type { EdgeBindings } from '../edge-http.ts';

type PageContext = Context<{ Bindings: EdgeBindings }>;

/** Who a browser is, and what it chose last: two signed cookies that no script can read. */
export interface VoterCookie {
  /** `missing`: it has none. `forged`: it has one that was not signed here. */
  read(c: PageContext): Promise<{ voter: string } | 'missing' | 'forged'>;
  /** Makes the browser somebody, unless it is. */
  ensure(c: PageContext): Promise<void>;
  choice(c: PageContext, contest: string): Promise<string | undefined>;
  remember(c: PageContext, contest: string, choice: string): Promise<void>;
}

const NAME = 'voter';
const YEAR_S = 365 * 86_400;

export function createVoterCookie(secret: Buffer, config: EdgeConfig): VoterCookie {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'votewire cookie', 32));
  const options = (c: PageContext) =>
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
      return voter === false ? 'forged' : { voter };
    },
    async ensure(c) {
      if (await getSignedCookie(c, key, NAME)) return;
      await setSignedCookie(c, NAME, `web-${randomBytes(16).toString('base64url')}`, key, options(c));
    },
    async choice(c, contest) {
      // What was signed is for this contest: the same value under another contest's name does not count.
      const value = (await getSignedCookie(c, key, choiceName(contest))) || '';
      return value.startsWith(`${contest} `) ? value.slice(contest.length + 1) : undefined;
    },
    async remember(c, contest, choice) {
      await setSignedCookie(c, choiceName(contest), `${contest} ${choice}`, key, options(c));
    },
  };
}

/** A phone on the same network talks plain HTTP: a cookie that is `secure` would never come back. */
function isHttps(c: PageContext, { publicOrigin, trustProxy }: EdgeConfig): boolean {
  if (publicOrigin !== '') return publicOrigin.startsWith('https:');
  return c.req.url.startsWith('https:') || (trustProxy && c.req.header('x-forwarded-proto') === 'https');
}
