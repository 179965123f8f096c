import { isProblem, type Problem } from '../../../http/problem.ts';
import { Seats } from '../../../http/seats.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardConfig } from '../config.ts';
import { clientOf, type DashboardContext } from '../dashboard-env.ts';

/** All seats are taken, or all channels of the log's tail. */
export const tooManyViewers: Problem = {
  code: ErrorCode.OVERLOADED,
  detail: 'All event streams that MAX_VIEWERS allows are in use; try again later',
  retryAfter: 5,
};

/** Takes a seat for the event stream that answers a request, until it closes; the problem if there is none. */
export type TakeSeat = (c: DashboardContext) => Problem | undefined;

/** Event streams of a dashboard: MAX_VIEWERS in all, and MAX_VIEWERS_PER_ADDRESS of one client. */
export function createViewerSeats(config: Pick<DashboardConfig, 'maxViewers' | 'maxViewersPerAddress'>): TakeSeat {
  const seats = new Seats({
    max: config.maxViewers,
    maxPerAddress: config.maxViewersPerAddress,
    tooMany: tooManyViewers,
    tooManyOfAddress: {
      code: ErrorCode.RATE_LIMITED,
      detail: `This address has ${config.maxViewersPerAddress} open event streams (MAX_VIEWERS_PER_ADDRESS); close one first`,
      retryAfter: 5,
    },
  });
  return (c) => {
    const seat = seats.take(clientOf(c));
    if (isProblem(seat)) return seat;
    c.env.outgoing.once('close', seat);
    return undefined;
  };
}
