import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AccessToken, mayActAs } from './access-tokens.ts';

const PURPOSE = 'votewire log session';
const LIFETIME_MS = 12 * 3_600_000;

export const SESSION_COOKIE = 'votewire-log';

/**
 * Cookies by which the pages read the log: event streams and downloads of a browser cannot carry a token. A cookie is
 * signed for one token and purpose, reads only, and ends with its token, or after twelve hours.
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

  /** The token for which the cookie was signed; undefined if it is forged or expired, or the token is gone. */
  find(value: string): AccessToken | undefined {
    const [, text = '', signature = ''] = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(value) ?? [];
    const expires = Number(text);
    // Later than any cookie of this server: a clock was set back, or the secret leaked.
    if (expires <= this.#now() || expires > this.#now() + LIFETIME_MS) return undefined;
    // As texts: several of them stand for the same number or the same bytes.
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
