import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';

/**
 * Whether a browser's Origin header names another site than the one it talks to. `null` (a sandboxed page, a file) is
 * foreign.
 *
 * @param publicOrigin what browsers see where a proxy changes the Host; empty: the Host is theirs
 */
export function isForeignOrigin(origin: string, host: string, publicOrigin: string): boolean {
  if (publicOrigin !== '' && origin === publicOrigin) return false;
  return origin !== `http://${host}` && origin !== `https://${host}`;
}

export function foreignOrigin(origin: string): Problem {
  return {
    code: ErrorCode.FORBIDDEN,
    detail: `The page that sent this is of another origin: votes from browsers come from the vote page, not from ${quoteForMessage(origin)}`,
  };
}
