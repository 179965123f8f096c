import { STORE_UNAVAILABLE } from '../../../http/common-problems.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { requestId } from '../../../http/request/request-id.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { edgeLog } from '../../edge-log.ts';
import { readReceipt } from '../../receipts/read-receipt.ts';
import type { EdgeApp, EdgeContext } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';
import { prefersPage } from '../page/prefers-page.ts';
import { problemPage } from '../page/problem-page.ts';
import { receiptPage } from '../page/receipt-page.ts';

/** `GET /v1/receipts/:receipt`: the outcome of a vote, never its choice. A page for browsers, JSON for programs. */
export function mountReceipts(app: EdgeApp, { edge, assets }: EdgeHttp): void {
  const refuse = (c: EdgeContext, problem: Problem) =>
    prefersPage(c) ? problemPage(c, assets, problem, '/') : problemResponse(problem);
  app.get('/v1/receipts/:receipt', async (c) => {
    const receipt = c.req.param('receipt');
    try {
      const found = await readReceipt(edge, receipt);
      if (found === undefined) return refuse(c, unknownReceipt(receipt));
      if (prefersPage(c)) return await receiptPage(c, assets, found);
      const { status, edge: acceptedBy, consumer } = found;
      // Undefined members are omitted.
      const headers = { 'cache-control': 'no-store', vary: 'accept' };
      return c.json({ receipt, status, edge: acceptedBy, consumer }, 200, headers);
    } catch (error) {
      const id = requestId((name) => c.req.header(name));
      edgeLog.warn({ requestId: id, receipt, fault: error }, 'Cannot look up receipt');
      return refuse(c, { ...STORE_UNAVAILABLE, requestId: id });
    }
  });
}

/** The answer is the same for a receipt that was never issued and for one whose vote was removed. */
function unknownReceipt(receipt: string): Problem {
  return { code: ErrorCode.UNKNOWN_RECEIPT, detail: `Unknown receipt ${quoteForMessage(receipt)}` };
}
