import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Signs cookie values, each for one purpose; a value signed for another purpose does not verify. */
export class CookieSigner {
  /** Newest first. */
  readonly #keys: readonly Buffer[];

  /** @param secrets newest first: the first one signs, all of them verify */
  constructor(secrets: readonly (string | Buffer)[]) {
    this.#keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'votewire cookie', 32)));
  }

  /** `<payload>.<signature>`. The payload must consist of characters that cookies allow, without a dot. */
  sign(purpose: string, payload: string): string {
    return `${payload}.${signature(this.#keys[0] as Buffer, purpose, payload)}`;
  }

  /** The payload and whether the newest secret signed it; undefined if no secret signed it for this purpose. */
  verify(purpose: string, value: string): { readonly payload: string; readonly isCurrent: boolean } | undefined {
    const dot = value.lastIndexOf('.');
    const payload = value.slice(0, Math.max(0, dot));
    const given = Buffer.from(value.slice(dot + 1));
    const index = this.#keys.findIndex((key) => {
      const expected = Buffer.from(signature(key, purpose, payload));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    return index < 0 ? undefined : { payload, isCurrent: index === 0 };
  }
}

function signature(key: Buffer, purpose: string, payload: string): string {
  return createHmac('sha256', key).update(`${purpose}\0${payload}`).digest('base64url');
}
