import type { Contest, ContestStatus } from '../store/contests/contest.ts';
import type { Transport } from '../store/log/log-store.ts';
import type { DeadLetter } from '../store/streams/dead-letters.ts';
import type { Results } from '../store/tally/results.ts';

/** What the dashboard's server sends and its pages read. Times are ISO 8601 in UTC, counts are integers. */

/** A contest, with where it stands now. */
export interface ContestView extends Contest {
  readonly status: ContestStatus;
  /** True while no API shows what was voted: `hidden` is set and the contest is not closed. */
  readonly resultsHidden: boolean;
}

/** One row of `/api/logs`. */
export interface LogItem {
  readonly id: string;
  readonly contest: string;
  /** null while the contest's results are hidden. */
  readonly choice: string | null;
  /** The voter's key: 16 bytes as base64url, never the voter's id. */
  readonly voter: string;
  /** Empty while the contest's results are hidden. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly path: Transport;
  readonly edge: string;
  readonly receivedAt: string;
}

export interface LogPageView {
  readonly items: readonly LogItem[];
  /** For `?cursor=`; null where there are no more. */
  readonly next: string | null;
}

/** Votes counted so far at each second, oldest first: what the votes-per-second line is drawn from. */
export interface History {
  readonly contest: string;
  readonly stepMs: number;
  /** Milliseconds since 1970, and votes counted up to then (changed votes included). */
  readonly points: readonly (readonly [number, number])[];
}

/** `/api/settings`: what the pages need to know of this deployment. */
export interface Settings {
  /** Where the vote page is, without a slash at its end; null: the page's own host on `votePort`. */
  readonly voteUrl: string | null;
  readonly votePort: number;
  /** False: no ADMIN_TOKEN is set, and nothing can be changed here. */
  readonly adminEnabled: boolean;
  readonly logStore: 'mongodb' | 'sqlite';
}

/** Events of the results streams: the name of each, and what its data holds. */
export interface ResultsEvents {
  /** The list of contests, at the start and at each change of one. */
  readonly contests: { readonly contests: readonly ContestView[] };
  readonly results: Results;
  /** Sent in place of `results` while they are hidden. */
  readonly hidden: { readonly contest: string; readonly status: ContestStatus };
  /** The counts cannot be read since `since`; null: they can. */
  readonly stale: { readonly since: string | null };
  /** A sign of life. */
  readonly beat: { readonly at: string };
}

/** Events of `/api/logs/events`. */
export interface LogEvents {
  /** Votes that were logged since the event before, newest first. */
  readonly votes: { readonly items: readonly LogItem[] };
  /** Votes were left out: more came than a tail shows, or the stream was cut. */
  readonly gap: { readonly reason: 'slow' | 'many' | 'resumed' };
  readonly stale: ResultsEvents['stale'];
  readonly beat: ResultsEvents['beat'];
}

/** One report of the bench, as `/api/bench` lists it. */
export interface BenchReportView {
  /** Name of its folder: the time at which it was made. */
  readonly id: string;
  readonly valid: boolean;
  readonly verdict: readonly string[];
  readonly rows: readonly BenchRowView[];
  readonly hasHtml: boolean;
}

export interface BenchRowView {
  readonly id: string;
  /** `edge`, or a lower step of the ladder. */
  readonly rung: string;
  readonly payload: string;
  /** `closed`, or the votes a second at which they were sent. */
  readonly load: string;
  readonly transport: string;
  readonly codec: string;
  readonly runtime: string;
  readonly mode: string;
  readonly connections: number;
  readonly cpuSecondsPerMillion: { readonly median: number; readonly low: number; readonly high: number };
  readonly throughput: number;
  readonly p99Ms: number | null;
  readonly valid: boolean;
}

export interface BenchView {
  readonly reports: readonly BenchReportView[];
  readonly run: BenchRun;
  /** Whether this client may start one. */
  readonly mayStart: boolean;
}

/** The bench that this server started last. */
export type BenchRun =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly startedAt: string; readonly output: readonly string[] }
  | {
      readonly state: 'ended';
      readonly startedAt: string;
      readonly endedAt: string;
      readonly exitCode: number | null;
      readonly output: readonly string[];
    };

/** RFC 9457 problem. */
export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** A dead letter as everybody sees it; `bytes` is the size. */
export interface DeadLetterItem extends Omit<DeadLetter, 'bytes'> {
  readonly bytes: number;
}

export interface DeadLetterList {
  readonly total: number;
  /** The latest failures first. */
  readonly items: readonly DeadLetterItem[];
}

/** With what it holds, which may name voters: for the operator alone. */
export interface DeadLetterDetail extends DeadLetterItem {
  readonly hex: string;
  /** The VoteBatch as JSON; null where the bytes are none. */
  readonly batch: unknown;
}

export interface ReplayOutcome {
  /** False for a dry run. */
  readonly replayed: boolean;
  readonly newId: string | null;
  /** Whether the entry is a VoteBatch at all. */
  readonly readable: boolean;
}
