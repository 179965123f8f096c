import { findHashedKey } from '../../../config/secrets/hashed-keys.ts';
import type { Problem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type AccessToken, mayActAs, type Role } from './access-tokens.ts';
import { WrongTokens } from './wrong-tokens.ts';

/** The part of a request that decides. */
export interface TokenRequest {
  /** The client's address. */
  readonly address: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

/** Who sent a request: the token, with its name. */
export type Caller = AccessToken;

/** Decides who sent a request: the caller, or the problem if the token is missing, wrong or not enough for the role. */
export type TokenVerifier = (request: TokenRequest, needed: Role) => Caller | Problem;

const HOW = {
  admin: 'Send the admin token as "Authorization: Bearer <token>"',
  reader: 'The log needs a token; send READ_TOKEN or an admin token as "Authorization: Bearer <token>"',
};
const NONE: Readonly<Record<Role, Problem>> = {
  admin: {
    code: ErrorCode.FORBIDDEN,
    detail: 'Changes are disabled: ADMIN_TOKEN is not set; set it and restart the dashboard',
  },
  reader: {
    code: ErrorCode.FORBIDDEN,
    detail:
      'Without READ_TOKEN the log is open on this machine only, and not by voter; set it and restart the dashboard',
  },
};

/**
 * Creates the verifier of `Authorization: Bearer <token>`.
 *
 * @param now a clock in milliseconds
 */
export function createTokenVerifier(tokens: readonly AccessToken[], now: () => number = Date.now): TokenVerifier {
  const wrong = new WrongTokens(now);

  return ({ address, authorization, cookie }, needed) => {
    if (!tokens.some(({ role }) => mayActAs(role, needed))) return NONE[needed];
    if (authorization === undefined || authorization === '') {
      // A voter's cookie identifies a voter, and a voter is not an operator.
      return cookie === undefined || needed === 'reader'
        ? { code: ErrorCode.UNAUTHENTICATED, detail: HOW[needed] }
        : { code: ErrorCode.FORBIDDEN, detail: `A cookie does not authorize changes. ${HOW.admin}` };
    }
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    // A token without "Bearer" is a slip and not a guess: nothing was compared, so it does not count as a try.
    if (given === undefined) return { code: ErrorCode.UNAUTHENTICATED, detail: HOW[needed] };
    const token = findHashedKey(tokens, given);
    if (token === undefined) return wrong.add(address, given) ?? WRONG[needed];
    return mayActAs(token.role, needed) ? token : READ_ONLY;
  };
}

const WRONG: Readonly<Record<Role, Problem>> = {
  admin: { code: ErrorCode.UNAUTHENTICATED, detail: 'The admin token is wrong' },
  reader: { code: ErrorCode.UNAUTHENTICATED, detail: 'The token is wrong' },
};
const READ_ONLY: Problem = {
  code: ErrorCode.FORBIDDEN,
  detail: `READ_TOKEN allows reading only. ${HOW.admin}`,
};
