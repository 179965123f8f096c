import type { ErrorCode } from '../../../../proto/gen/votewire/v1/error_pb.ts';
import type { ContestStatus } from '../../../../store/contests/contest.ts';
import type { ReceiptStatus } from '../../../vote/ingress.ts';

/** Every text of the vote pages in one language. To add a language, add a file beside `en.ts`. */
export interface Messages {
  /** For `lang` and `Intl`, such as `en`. */
  readonly language: string;
  readonly vote: string;
  readonly chooseContest: string;
  readonly code: string;
  readonly goToCode: string;
  readonly unknownCode: string;
  readonly noContests: string;
  readonly status: Readonly<Record<ContestStatus, string>>;
  readonly options: (count: number) => string;
  readonly chooseOne: string;
  readonly allOptions: string;
  readonly yourVote: string;
  readonly votes: (count: number) => string;
  /** `time` is a `<time>` element. */
  readonly closed: string;
  readonly paused: string;
  readonly opensAt: string;
  readonly until: string;
  readonly tapCounts: string;
  readonly voteOften: string;
  readonly oneVote: string;
  readonly canChange: string;
  readonly hidden: string;
  readonly unavailable: string;
  readonly winner: (label: string) => string;
  readonly tie: string;
  readonly noVotes: string;
  readonly outcomes: Readonly<
    Record<'counted' | 'queued' | 'duplicate' | 'superseded' | 'late', (label: string) => string>
  >;
  readonly receipts: {
    readonly name: string;
    /** Each begins a list, as do the two below. */
    readonly statuses: Readonly<Record<ReceiptStatus, string>>;
    readonly acceptedBy: (edge: string) => string;
    readonly countedBy: (consumer: string) => string;
    readonly secret: string;
  };
  readonly cookie: string;
  readonly allContests: string;
  readonly back: string;
  /** Titles and texts of problems that a voter can encounter; others use `problem`. */
  readonly problems: Readonly<Partial<Record<ErrorCode, { readonly title: string; readonly text: string }>>>;
  readonly problem: { readonly title: string; readonly text: string };
  /** Texts of the page's script. `{label}` is replaced. */
  readonly script: {
    readonly sending: string;
    readonly unsent: string;
    readonly away: string;
    readonly votesOne: string;
    readonly votesMany: string;
    readonly opensIn: string;
    readonly closesIn: string;
  };
}
