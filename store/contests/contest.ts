/** A contest as it is stored and as every API shows it. Times are ISO 8601 in UTC. */
export interface Contest {
  readonly id: string;
  readonly title: string;
  readonly rule: ContestRule;
  readonly options: readonly ContestOption[];
  /** Votes count from this time on; null: from the start. */
  readonly opensAt: string | null;
  /** Votes count up to this time, by the stream entry's id; null: until the contest is closed manually. */
  readonly closesAt: string | null;
  /** Results stay hidden until the contest is closed, in every API. */
  readonly hidden: boolean;
  /** True: only the vote page may vote, not programs. Default: false. */
  readonly browsersOnly?: boolean;
  /** Set by a reset: only votes after this time count. Until then the contest accepts no votes. */
  readonly countsFrom?: string;
  /** Periods in which votes do not count, oldest first. `to` is null while the pause lasts. */
  readonly pauses?: readonly Pause[];
}

export interface Pause {
  readonly from: string;
  readonly to: string | null;
}

/** `one-per-voter`: a voter counts once, and the newest vote is effective. `open`: every vote counts. */
export type ContestRule = 'one-per-voter' | 'open';

export interface ContestOption {
  readonly id: string;
  readonly label: string;
  /** CSS hex color, such as `#0b7285`. */
  readonly colour: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export type ContestStatus = 'scheduled' | 'open' | 'paused' | 'closed';

/** The fields that decide which votes count. */
export type ContestTimes = Pick<Contest, 'opensAt' | 'closesAt' | 'countsFrom' | 'pauses'>;

/** The contest's status at `now` (milliseconds since 1970). */
export function contestStatus(contest: ContestTimes, now: number): ContestStatus {
  if (contest.closesAt !== null && now > Date.parse(contest.closesAt)) return 'closed';
  if (contest.opensAt !== null && now < Date.parse(contest.opensAt)) return 'scheduled';
  return isPaused(contest, now) ? 'paused' : 'open';
}

/** True if `now` is within a pause, or before a pending reset takes effect. */
function isPaused({ countsFrom, pauses = [] }: ContestTimes, now: number): boolean {
  if (countsFrom !== undefined && now <= Date.parse(countsFrom)) return true;
  return pauses.some(({ from, to }) => now > Date.parse(from) && (to === null || now < Date.parse(to)));
}

/** True while APIs must hide the results: `hidden` is set and the contest is not closed. No other code decides this. */
export function resultsHidden(contest: ContestTimes & Pick<Contest, 'hidden'>, now: number): boolean {
  return contest.hidden && contestStatus(contest, now) !== 'closed';
}
