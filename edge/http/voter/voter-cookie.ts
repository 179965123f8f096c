import { randomBytes } from 'node:crypto';
import { getCookie, setCookie } from 'hono/cookie';
import { trustsProxy } from '../../../http/request/client-address.ts';
import type { EdgeConfig } from '../../config.ts';
import type { EdgeContext } from '../edge-env.ts';
import { CookieSigner } from './cookie-signer.ts';

const VOTER = 'voter';
const YEAR_S = 365 * 86_400;
/** A cookie older than this is issued again at a visit, so that it lasts about a year from the last visit. */
const RENEW_S = 30 * 86_400;

type Identity =
  | { readonly status: 'valid'; readonly voter: string; readonly isCurrent: boolean }
  /** The browser sent none. */
  | { readonly status: 'missing' }
  /** Damaged, signed with a secret that is no longer configured, or for another purpose. */
  | { readonly status: 'invalid' }
  | { readonly status: 'expired' };

type CookieConfig = Pick<EdgeConfig, 'publicOrigin' | 'trustProxy' | 'voterSecrets'>;

/** The identity and last choices of a browser, in signed cookies that scripts cannot read. */
export class VoterCookie {
  readonly #config: CookieConfig;
  readonly #signer: CookieSigner;
  readonly #now: () => number;

  /**
   * @param secret the deployment's secret, used if VOTER_SECRETS is not set
   * @param now milliseconds since 1970
   */
  constructor(secret: Buffer, config: CookieConfig, now: () => number) {
    this.#config = config;
    this.#signer = new CookieSigner(config.voterSecrets.length > 0 ? config.voterSecrets : [secret]);
    this.#now = now;
  }

  read(c: EdgeContext): Identity {
    const value = this.#get(c, VOTER);
    if (value === undefined) return { status: 'missing' };
    const verified = this.#signer.verify(VOTER, value);
    // `<voter>~<seconds since 1970 in base 36>`
    const [voter = '', issued = ''] = verified?.payload.split('~') ?? [];
    if (verified === undefined || voter === '') return { status: 'invalid' };
    const age = this.#now() / 1000 - Number.parseInt(issued, 36);
    if (!(age < YEAR_S)) return { status: 'expired' };
    return { status: 'valid', voter, isCurrent: verified.isCurrent && age < RENEW_S };
  }

  /** Gives the browser a new identity. */
  issue(c: EdgeContext): void {
    this.#set(c, VOTER, this.#voterPayload(`web-${randomBytes(16).toString('base64url')}`));
  }

  /** Signs the same identity again, with the newest secret and for another year. */
  renew(c: EdgeContext, voter: string): void {
    this.#set(c, VOTER, this.#voterPayload(voter));
  }

  /** The option that this browser chose last in the contest; undefined if unknown. */
  choice(c: EdgeContext, contest: string): string | undefined {
    const value = this.#get(c, `choice.${contest}`);
    const payload = value === undefined ? undefined : this.#signer.verify(`choice ${contest}`, value)?.payload;
    return payload === undefined ? undefined : Buffer.from(payload, 'base64url').toString();
  }

  remember(c: EdgeContext, contest: string, choice: string): void {
    const payload = Buffer.from(choice).toString('base64url');
    this.#set(c, `choice.${contest}`, payload, `choice ${contest}`);
  }

  #voterPayload(voter: string): string {
    return `${voter}~${Math.floor(this.#now() / 1000).toString(36)}`;
  }

  /** Over TLS, the `__Host-` prefix keeps other hosts of the domain and plain HTTP from setting the cookie. */
  #get(c: EdgeContext, name: string): string | undefined {
    return isHttps(c, this.#config) ? getCookie(c, name, 'host') : getCookie(c, name);
  }

  #set(c: EdgeContext, name: string, payload: string, purpose = name): void {
    const options = { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: YEAR_S } as const;
    const value = this.#signer.sign(purpose, payload);
    if (isHttps(c, this.#config)) setCookie(c, name, value, { ...options, prefix: 'host', secure: true });
    else setCookie(c, name, value, options);
  }
}

/** Over plain HTTP, for example from a phone in the same network, a browser never returns a `secure` cookie. */
function isHttps(c: EdgeContext, { publicOrigin, trustProxy }: CookieConfig): boolean {
  if (publicOrigin !== '') return publicOrigin.startsWith('https:');
  return c.req.url.startsWith('https:') || (trustsProxy(trustProxy) && c.req.header('x-forwarded-proto') === 'https');
}
