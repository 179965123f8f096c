import { useEffect, useState } from 'preact/hooks';
import type { LogItem, VoteStory } from '../../../../api/log.ts';
import { type Answer, fetchJson } from '../../data/fetch-json.ts';
import { formatExactTime } from '../../data/format.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Notice, ProblemNotice } from '../shell/notice.tsx';
import { TRANSPORT_NAMES } from './transport-names.ts';

const OUTCOMES: Readonly<Record<VoteStory['outcome'], string>> = {
  counted: 'Counted.',
  superseded: 'Counted, then replaced by a newer vote of the same voter.',
  duplicate: 'Not counted: a vote with the same vote_id was counted before.',
  late: 'Not counted: the contest was not open at that time, or has been reset since.',
  queued: 'Not counted yet.',
  dead: 'A dead letter: it could not be counted.',
  lost: 'Redis has since lost its stream; a recount counts the vote from the log.',
  deleted: 'Its contest was deleted.',
};

/** The path of one vote: edge, stream, tally, log. */
export function VoteStoryDialog({ item, onClose }: { item: LogItem; onClose: () => void }) {
  const [answer, setAnswer] = useState<Answer<VoteStory>>();
  useEffect(() => {
    void fetchJson<VoteStory>(`/api/logs/votes/${encodeURIComponent(item.id)}`).then(setAnswer);
  }, [item.id]);
  return (
    <Dialog title="Path of a vote" onClose={onClose}>
      {answer === undefined && <Notice kind="loading" title="Loading …" />}
      {answer?.ok === false && <ProblemNotice problem={answer.problem} />}
      {answer?.ok && <Story story={answer.value} />}
    </Dialog>
  );
}

function Story({ story }: { story: VoteStory }) {
  const { vote, partition, entryId, index, storedAt, outcome } = story;
  const took = Date.parse(storedAt) - Date.parse(vote.receivedAt);
  return (
    <ol class="story">
      <li>
        <strong>Edge {vote.edge}</strong> received it at {formatExactTime(vote.receivedAt)} over{' '}
        {TRANSPORT_NAMES[vote.path]}.
      </li>
      <li>
        <strong>Redis</strong> stored it at {formatExactTime(storedAt)}
        {took >= 0 && `, ${took} ms later`}: entry <code>{entryId}</code> of partition {partition}, vote {index + 1} of
        it.
      </li>
      <li>
        <strong>Tally:</strong> {OUTCOMES[outcome]}
      </li>
      <li>
        <strong>Log:</strong> stored, as shown here.
      </li>
    </ol>
  );
}
