import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ResultsSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import type { Results } from '../../../store/tally/results.ts';

/** Results as a protobuf message. */
export function resultsMessage(results: Results): MessageInitShape<typeof ResultsSchema> {
  return {
    contest: results.contest,
    status: results.status,
    version: BigInt(results.version),
    total: BigInt(results.total),
    voters: BigInt(results.voters),
    changed: BigInt(results.changed),
    countedUpTo: BigInt(results.countedUpTo === null ? 0 : Date.parse(results.countedUpTo)),
    options: results.options.map(({ id, label, count }) => ({ id, label, count: BigInt(count) })),
  };
}
