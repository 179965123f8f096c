import { isProblem, type Problem } from '../../../http/problem.ts';
import { Seats } from '../../../http/seats.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardConfig } from '../config.ts';
import { clientOf, type DashboardContext } from '../dashboard-env.ts';

/** All seats, or all channels of the log tail, are in use. */
export const tooManyViewers: Problem = {
  code: ErrorCode.OVERLOADED,
  detail: 'All event streams that MAX_VIEWERS allows are in use; try again later',
  retryAfter: 5,
};

/** Takes a seat for an event stream until the stream closes; returns a problem if no seat is free. */
export type TakeSeat = (c: DashboardContext) => Problem | undefined;

/** Limits the event streams of a dashboard to MAX_VIEWERS in all and MAX_VIEWERS_PER_ADDRESS per client. */
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
