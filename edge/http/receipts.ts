import type { Problem } from '../../http/problem.ts';
import { problemReply } from '../../http/problem-reply.ts';
import { quoteForMessage } from '../../http/quote.ts';
import { toResponse } from '../../http/reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { allowMethods } from './allow-methods.ts';
import type { EdgeApp, EdgeHttp } from './edge-http.ts';
import { STORE_AWAY } from './store-away.ts';

// The same for one that was never issued and one that leads nowhere any more.
function unknown(receipt: string): Problem {
  return { code: ErrorCode.UNKNOWN_RECEIPT, detail: `No receipt ${quoteForMessage(receipt)} was issued here` };
}

/** `GET /v1/receipts/:receipt`: what became of a vote. Never tells the choice. */
export function mountReceipts(app: EdgeApp, { edge }: EdgeHttp): void {
  app.get('/v1/receipts/:receipt', async (c) => {
    const receipt = c.req.param('receipt');
    const place = edge.receipts.read(receipt);
    if (place === undefined) return toResponse(problemReply(unknown(receipt)));
    try {
      const status = await edge.lookUp(place);
      if (status === undefined) return toResponse(problemReply(unknown(receipt)));
      return c.json({ receipt, status }, 200, { 'cache-control': 'no-store' });
    } catch (error) {
      console.error(`receipt ${receipt}: ${error instanceof Error ? error.message : error}`);
      return toResponse(problemReply(STORE_AWAY));
    }
  });
  allowMethods(app, '/v1/receipts/:receipt', ['GET', 'HEAD']);
}
