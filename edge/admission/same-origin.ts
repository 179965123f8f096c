import type { Problem } from '../../http/problem.ts';
import { quoteForMessage } from '../../http/quote.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { RequestView } from './views/request-view.ts';

/**
 * Rejects requests that a browser sends from another site, by the Origin header. `null` (a sandboxed page, a file)
 * counts as another site. Requests without the header pass, because they do not come from a browser.
 *
 * @param publicOrigin the origin that browsers see if a proxy changes the Host header; empty: Host is unchanged
 */
export function checkOrigin(request: RequestView, publicOrigin: string): Problem | undefined {
  const origin = request.header('origin');
  if (origin === undefined || (publicOrigin !== '' && origin === publicOrigin)) return undefined;
  const host = request.header('host') ?? request.header(':authority');
  if (origin === `http://${host}` || origin === `https://${host}`) return undefined;
  const detail = `Votes from browsers must come from the vote page; got the origin ${quoteForMessage(origin)}`;
  return { code: ErrorCode.FORBIDDEN, detail };
}
