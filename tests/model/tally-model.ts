/** One vote of the model. Votes with the same `voteId` have the same choice. */
export interface ModelVote {
  readonly contest: ModelContest;
  readonly choice: string;
  readonly voter: string;
  /** Empty: none. */
  readonly voteId: string;
  readonly sequence: number;
}

export type ModelContest = 'single' | 'open';
export const MODEL_CONTESTS: readonly ModelContest[] = ['single', 'open'];

/** An entry as first written. Replays repeat it at the same position. */
export interface ModelEntry {
  /** The id under which it was first written, which determines its order. */
  readonly position: string;
  readonly votes: readonly ModelVote[];
}

/** A stream entry that a consumer handled. */
export interface Handled {
  readonly id: string;
  readonly position: string;
}

/** The counts of a contest. */
export interface ModelCounts {
  /** By choice. */
  readonly options: Readonly<Record<string, number>>;
  /** `<choice> <sequence> <position> <index>` by voter, of the one-per-voter contest. */
  readonly effective: Readonly<Record<string, string>>;
}

/**
 * The expected counts of a partition, without streams, groups and scripts: an entry counts once, when it is first
 * handled, by the rules of that moment; a recount counts all entries again by the current rules.
 */
export class TallyModel {
  readonly entries: ModelEntry[] = [];
  /** Handled votes by position and index; true if they were late at that time. */
  readonly #handled = new Map<string, boolean>();
  /** Positions in the log. */
  readonly logged = new Set<string>();
  /** Milliseconds since 1970; 0: open. */
  readonly closesAt = { single: 0, open: 0 };
  /** Position -> id of the stream entry that the tally has not handled yet. Excludes dead letters. */
  readonly #live = new Map<string, string>();

  append(entry: ModelEntry): void {
    this.entries.push(entry);
    this.#live.set(entry.position, entry.position);
  }

  /** The tally counts a stream entry, for the first time or again. */
  count({ id, position }: Handled): void {
    if (this.#live.get(position) !== id) return;
    this.#live.delete(position);
    for (const [index, vote] of this.#votesAt(position).entries()) {
      const key = `${position} ${index}`;
      if (!this.#handled.has(key)) this.#handled.set(key, this.#isLate(position, vote));
    }
  }

  /** Whether the tally can still dead-letter the stream entry. */
  isLive({ id, position }: Handled): boolean {
    return this.#live.get(position) === id;
  }

  deadLetter({ position }: Handled): void {
    this.#live.delete(position);
  }

  /** A dead letter was returned to the stream with a new id. */
  replay({ id, position }: Handled): void {
    this.#live.set(position, id);
  }

  /** Whether all votes of the entry were handled. */
  isCounted(position: string): boolean {
    return this.#votesAt(position).every((_, index) => this.#handled.has(`${position} ${index}`));
  }

  /** A recount replaced a contest's tally: votes in the log, dead letters included, count by the current rules. */
  recount(contest: ModelContest): void {
    for (const { position, votes } of this.entries) {
      for (const [index, vote] of votes.entries()) {
        if (vote.contest !== contest) continue;
        const key = `${position} ${index}`;
        // Entries in flight are counted when they are handled.
        const isCountedNow = this.logged.has(position) && !this.#live.has(position);
        if (this.#handled.has(key) || isCountedNow) this.#handled.set(key, this.#isLate(position, vote));
      }
    }
  }

  counts(contest: ModelContest): ModelCounts {
    const options: Record<string, number> = {};
    const effective: Record<string, { choice: string; order: Order; text: string }> = {};
    const seen = new Set<string>();
    const add = (choice: string, n: number) => {
      options[choice] = (options[choice] ?? 0) + n;
      if (options[choice] === 0) delete options[choice];
    };
    for (const { position, votes } of this.entries) {
      for (const [index, vote] of votes.entries()) {
        if (vote.contest !== contest || this.#handled.get(`${position} ${index}`) !== false) continue;
        if (contest === 'open') {
          if (vote.voteId !== '' && seen.has(vote.voteId)) continue;
          seen.add(vote.voteId);
          add(vote.choice, 1);
          continue;
        }
        const old = effective[vote.voter];
        const order = orderOf(vote.sequence, position, index);
        if (old !== undefined && !isAfter(order, old.order)) continue;
        if (old !== undefined) add(old.choice, -1);
        add(vote.choice, 1);
        const text = `${vote.choice} ${vote.sequence} ${position} ${index}`;
        effective[vote.voter] = { choice: vote.choice, order, text };
      }
    }
    return {
      options,
      effective: Object.fromEntries(Object.entries(effective).map(([voter, { text }]) => [voter, text])),
    };
  }

  #votesAt(position: string): readonly ModelVote[] {
    return this.entries.find((entry) => entry.position === position)?.votes ?? [];
  }

  #isLate(position: string, { contest }: ModelVote): boolean {
    const [ms = 0] = position.split('-').map(Number);
    return this.closesAt[contest] > 0 && ms > this.closesAt[contest];
  }
}

type Order = readonly number[];

function orderOf(sequence: number, position: string, index: number): Order {
  return [sequence, ...position.split('-').map(Number), index];
}

function isAfter(a: Order, b: Order): boolean {
  const at = a.findIndex((value, n) => value !== b[n]);
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0);
}
