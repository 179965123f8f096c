/** The effect of a header on a request of the subset. */
export type HeaderUse =
  | 'host'
  | 'content-length'
  | 'content-type'
  | 'connection'
  | 'authorization'
  | 'x-forwarded-for'
  | 'traceparent'
  | 'x-request-id'
  /** Changes how a request is read or decided in ways that the recognizer leaves to `node:http`. */
  | 'foreign';

const USES: Readonly<Record<string, HeaderUse>> = {
  host: 'host',
  'content-length': 'content-length',
  'content-type': 'content-type',
  connection: 'connection',
  authorization: 'authorization',
  'x-forwarded-for': 'x-forwarded-for',
  traceparent: 'traceparent',
  'x-request-id': 'x-request-id',
  'transfer-encoding': 'foreign',
  'content-encoding': 'foreign',
  'content-range': 'foreign',
  expect: 'foreign',
  upgrade: 'foreign',
  'http2-settings': 'foreign',
  'keep-alive': 'foreign',
  'proxy-connection': 'foreign',
  te: 'foreign',
  trailer: 'foreign',
  origin: 'foreign',
  cookie: 'foreign',
};

/** Adds a byte of a name to its hash, ignoring case. */
export function hashByte(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + (byte | 0x20)) | 0;
}

export const EMPTY_HASH = 7;

interface Known {
  readonly name: string;
  readonly use: HeaderUse;
}

const BY_HASH = new Map<number, Known>(
  Object.entries(USES).map(([name, use]) => [Buffer.from(name).reduce(hashByte, EMPTY_HASH), { name, use }]),
);

/** The use of the header whose name is bytes[start, end) with this hash; undefined if the header has no effect. */
export function useOfHeader(bytes: Uint8Array, start: number, end: number, hash: number): HeaderUse | undefined {
  const known = BY_HASH.get(hash);
  if (known === undefined) return undefined;
  const { name, use } = known;
  // Another name with the same hash is rare enough for the slow path.
  if (name.length !== end - start) return 'foreign';
  for (let at = 0; at < name.length; at++) {
    if (((bytes[start + at] ?? 0) | 0x20) !== name.charCodeAt(at)) return 'foreign';
  }
  return use;
}
