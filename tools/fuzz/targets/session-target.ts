import assert from 'node:assert/strict';
import { hashKey } from '../../../config/secrets/hashed-keys.ts';
import type { AccessToken } from '../../../dashboard/server/access/access-tokens.ts';
import { LogSessions } from '../../../dashboard/server/access/log-session.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { textOf, texts } from './damaged.ts';

const SECRET = Buffer.alloc(32, 5);
const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const token = (name: string, role: AccessToken['role']): AccessToken => ({ name, role, digest: hashKey(name) });
const tokens = [token('reader', 'reader'), token('eva', 'admin')];
const openAt = (time: number, one: AccessToken, secret = SECRET) =>
  new LogSessions(secret, [...tokens, one], () => time).open(one);
const valid = new Map(tokens.flatMap((one) => [0, 1, 11].map((hours) => [openAt(NOW_MS - hours * HOUR_MS, one), one])));
const others = [
  openAt(NOW_MS - 13 * HOUR_MS, tokens[0] as AccessToken),
  openAt(NOW_MS + HOUR_MS, tokens[0] as AccessToken),
  openAt(NOW_MS, token('removed', 'admin')),
  openAt(NOW_MS, tokens[0] as AccessToken, Buffer.alloc(32, 6)),
];

/**
 * A log cookie is valid for a token only if it was opened with that token, has not expired, and the token still exists.
 */
export function sessionTarget(spoil = (sessions: LogSessions): Pick<LogSessions, 'find'> => sessions): FuzzTarget {
  const sessions = spoil(new LogSessions(SECRET, tokens, () => NOW_MS));
  return {
    inputs: texts([...valid.keys(), ...others]),
    check(input) {
      const text = textOf(input);
      assert.equal(sessions.find(text), valid.get(text), text);
    },
  };
}
