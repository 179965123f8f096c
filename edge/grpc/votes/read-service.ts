import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import type { VoteService, WatchResultsResponseSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { problemError } from '../problem-status.ts';
import { contestMessage } from '../results/contest-message.ts';
import { latestValue } from '../results/latest-value.ts';
import type { ResultsFeed, ResultsOutcome } from '../results/results-feed.ts';
import { resultsMessage } from '../results/results-message.ts';
import { abortReason, REQUEST } from './router-calls.ts';
import type { VoteServiceDeps } from './vote-service-deps.ts';

/** The RPCs of VoteService that read, for Connect's router. */
export function readService(deps: VoteServiceDeps, feed: ResultsFeed): Partial<ServiceImpl<typeof VoteService>> {
  return {
    listContests(_request, context) {
      const read = deps.admission.admitRead(context.values.get(REQUEST));
      if (read !== undefined && 'code' in read) throw problemError(read);
      const now = feed.now();
      return { contests: feed.contests().map((contest) => contestMessage(contest, now)) };
    },

    async getResults({ contest }, context) {
      const read = deps.admission.admitRead(context.values.get(REQUEST));
      if (read !== undefined && 'code' in read) throw problemError(read);
      return { results: resultsMessage(resultsOrThrow(await feed.read(contest))) };
    },

    async *watchResults({ contest }, context): AsyncGenerator<MessageInitShape<typeof WatchResultsResponseSchema>> {
      const release = deps.admission.admitWatch(context.values.get(REQUEST));
      if (typeof release !== 'function') throw problemError(release);
      const { signal } = context;
      try {
        const outcomes = latestValue<ResultsOutcome>(signal, (show) => feed.watch(contest, signal, show));
        for await (const outcome of outcomes) yield { results: resultsMessage(resultsOrThrow(outcome)) };
      } finally {
        release();
      }
      // Only the signal ends the watch; OK would mean that the contest has no more results.
      throw abortReason(signal);
    },
  };
}

function resultsOrThrow(outcome: ResultsOutcome) {
  if (!outcome.ok) throw problemError(outcome.problem);
  return outcome.results;
}
