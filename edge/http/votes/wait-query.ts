import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';

/** Whether the query is `wait=counted`. Anything else is a problem: a typing error would go unnoticed. */
export function readWait(query: string): boolean | Problem {
  if (query === '') return false;
  if (query === 'wait=counted') return true;
  const parameters = [...new URLSearchParams(query)];
  for (const [name, value] of parameters) {
    if (name !== 'wait')
      return invalid(`Unknown query parameter ${quoteForMessage(name)}; the only one is wait=counted`);
    if (value !== 'counted') {
      return invalid(`Query parameter wait must be "counted" or absent; got ${quoteForMessage(value)}`);
    }
  }
  if (parameters.length > 1) return invalid('Query parameter wait must appear at most once');
  return parameters.length === 1;
}

function invalid(detail: string): Problem {
  return { code: ErrorCode.INVALID_ARGUMENT, detail };
}
