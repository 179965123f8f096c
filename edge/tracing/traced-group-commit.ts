import type { Transport } from '../vote/transport.ts';
import type { EntryBuffer } from '../write/entry/entry-buffer.ts';
import { GroupCommit, type GroupCommitOptions } from '../write/group-commit.ts';
import type { EdgeTracing } from './edge-tracing.ts';

/** Records for each entry which traced requests have votes in it. */
export class TracedGroupCommit extends GroupCommit {
  readonly #tracing: EdgeTracing;

  constructor(options: GroupCommitOptions, tracing: EdgeTracing) {
    super(options);
    this.#tracing = tracing;
  }

  protected override entryFor(partition: number, transport: Transport, bytes: number): EntryBuffer {
    const entry = super.entryFor(partition, transport, bytes);
    this.#tracing.noteVote(entry);
    return entry;
  }
}
