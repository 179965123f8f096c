import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ContestSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { type Contest, contestStatus } from '../../../store/contests/contest.ts';

/** A contest as a protobuf message, with its status at `now` (milliseconds since 1970). */
export function contestMessage(contest: Contest, now: number): MessageInitShape<typeof ContestSchema> {
  const { id, title, rule, opensAt, closesAt, hidden, browsersOnly = false } = contest;
  return {
    id,
    title,
    rule,
    status: contestStatus(contest, now),
    opensAt: milliseconds(opensAt),
    closesAt: milliseconds(closesAt),
    hidden,
    browsersOnly,
    options: contest.options.map((option) => ({
      id: option.id,
      label: option.label,
      color: option.colour,
      attributes: { ...option.attributes },
    })),
  };
}

function milliseconds(time: string | null): bigint {
  return BigInt(time === null ? 0 : Date.parse(time));
}
