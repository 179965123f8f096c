import { STORE_UNAVAILABLE } from '../../../http/common-problems.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { edgeLog } from '../../edge-log.ts';
import type { EdgeApp } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';

/** `GET /v1/receipts/:receipt`: the status of a vote, never its choice. */
export function mountReceipts(app: EdgeApp, { edge }: EdgeHttp): void {
  app.get('/v1/receipts/:receipt', async (c) => {
    const receipt = c.req.param('receipt');
    const place = edge.receipts.read(receipt);
    if (place === undefined) return problemResponse(unknownReceipt(receipt));
    try {
      const status = await edge.lookUp(place);
      if (status === undefined) return problemResponse(unknownReceipt(receipt));
      return c.json({ receipt, status }, 200, { 'cache-control': 'no-store' });
    } catch (error) {
      edgeLog.warn({ receipt, error }, 'Cannot look up receipt');
      return problemResponse(STORE_UNAVAILABLE);
    }
  });
}

/** The same answer for a receipt that was never issued and for one whose vote is gone. */
function unknownReceipt(receipt: string): Problem {
  return { code: ErrorCode.UNKNOWN_RECEIPT, detail: `Unknown receipt ${quoteForMessage(receipt)}` };
}
