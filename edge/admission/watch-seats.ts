import { Seats } from '../../http/seats.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';

export const MAX_WATCHES = 10_000;
export const MAX_WATCHES_PER_ADDRESS = 500;

/** Seats for open watches of an edge. */
export function createWatchSeats(): Seats {
  return new Seats({
    max: MAX_WATCHES,
    maxPerAddress: MAX_WATCHES_PER_ADDRESS,
    tooManyOfAddress: {
      code: ErrorCode.RATE_LIMITED,
      detail: `This address has ${MAX_WATCHES_PER_ADDRESS} open watches; close one first`,
    },
    tooMany: {
      code: ErrorCode.OVERLOADED,
      detail: `This edge has ${MAX_WATCHES} open watches; try again later or on another edge`,
      retryAfter: 10,
    },
  });
}
