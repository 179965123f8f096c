import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AccessToken, mayActAs } from './access-tokens.ts';

const PURPOSE = 'votewire log session';
const LIFETIME_MS = 12 * 3_600_000;

export const SESSION_COOKIE = 'votewire-log';

/**
 * Cookies that let the pages read the log, because a browser's event streams and downloads cannot send a token. A
 * cookie is signed for one token and purpose, is read-only, and expires after twelve hours or when its token is
 * replaced.
 */
export class LogSessions {
  readonly #key: Buffer;
  readonly #tokens: readonly AccessToken[];
  readonly #now: () => number;

  /** @param now a clock in milliseconds */
  constructor(secret: Uint8Array, tokens: readonly AccessToken[], now: () => number = Date.now) {
    this.#key = createHmac('sha256', secret).update(PURPOSE).digest();
    this.#tokens = tokens.filter(({ role }) => mayActAs(role, 'reader'));
    this.#now = now;
  }

  /** The value of a new cookie. */
  open(token: AccessToken): string {
    const expires = `${this.#now() + LIFETIME_MS}`;
    return `${expires}.${this.#sign(token, expires)}`;
  }

  /**
   * The token for which the cookie was signed; undefined if the cookie is forged or expired, or the token was replaced.
   */
  find(value: string): AccessToken | undefined {
    const [, text = '', signature = ''] = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(value) ?? [];
    const expires = Number(text);
    // An expiry later than this server would issue: the clock was set back, or the secret leaked.
    if (expires <= this.#now() || expires > this.#now() + LIFETIME_MS) return undefined;
    // Compared as text, because several texts decode to the same number or bytes.
    const given = Buffer.from(signature);
    return this.#tokens.find((token) => timingSafeEqual(Buffer.from(this.#sign(token, text)), given));
  }

  /** When a valid cookie expires, in milliseconds since 1970. */
  endOf(value: string): number {
    return Number.parseInt(value, 10);
  }

  #sign(token: AccessToken, expires: string): string {
    return createHmac('sha256', this.#key).update(`${token.name}.${expires}.`).update(token.digest).digest('base64url');
  }
}
