import type { Transport } from '../vote/transport.ts';
import type { EntryBuffer } from '../write/entry/entry-buffer.ts';
import { GroupCommit, type GroupCommitOptions } from '../write/group-commit.ts';
import type { EdgeTracing } from './edge-tracing.ts';

/** Notes for each entry which traced requests have votes in it. */
export class TracedGroupCommit extends GroupCommit {
  readonly #tracing: EdgeTracing;

  constructor(options: GroupCommitOptions, tracing: EdgeTracing) {
    super(options);
    this.#tracing = tracing;
  }

  protected override entryFor(partition: number, transport: Transport, bytes: number): EntryBuffer {
    const entry = super.entryFor(partition, transport, bytes);
    const request = this.#tracing.active;
    if (request !== undefined) {
      request.votes++;
      entry.requests ??= [];
      // The votes of a request come one after the other.
      if (entry.requests.at(-1) !== request) entry.requests.push(request);
    }
    return entry;
  }
}
