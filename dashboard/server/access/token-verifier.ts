import { findHashedKey } from '../../../config/secrets/hashed-keys.ts';
import type { Problem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type AccessToken, mayActAs, type Role } from './access-tokens.ts';
import { WrongTokens } from './wrong-tokens.ts';

/** The parts of a request that the decision depends on. */
export interface TokenRequest {
  /** The client's address. */
  readonly address: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

/** The sender of a request: its token, with the token's name. */
export type Caller = AccessToken;

/**
 * Identifies the caller of a request; returns a problem if the token is missing, wrong or insufficient for the role.
 */
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
      'Without READ_TOKEN the log can be read on its own machine only, and not searched by voter id; set it and restart the dashboard',
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
    // A token without "Bearer" is a mistake, not a guess: nothing was compared, so it does not count as an attempt.
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
