import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';

export function unknownContest(id: string): Problem {
  return { code: ErrorCode.UNKNOWN_CONTEST, detail: `There is no contest ${quoteForMessage(id)}` };
}
