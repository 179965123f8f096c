import { setTimeout as delay } from 'node:timers/promises';
import { createClient, RESP_TYPES } from 'redis';
import { deadKey, ledgerKey, streamKey, TALLY_GROUP, tallyKey } from '../../../store/streams/keys.ts';

/** The votes of a run in Redis: in the entries of the streams, read one by one, and in the counts of the contests. */
export interface Audit {
  /** Votes in the streams' entries. */
  readonly stored: number;
  /** Votes with an outcome: counted, superseded, duplicate or late. */
  readonly counted: number;
  /** Entries that were trimmed before they were read: `stored` is then too small. */
  readonly trimmed: number;
  /** Sum of the options' counts, over all contests. */
  readonly shown: number;
  /** The expected sum: counted votes without those that only replaced an earlier vote of the same voter. */
  readonly due: number;
  /** Where the undecided votes are; empty if all are decided. */
  readonly stuck: string;
}

const PAGE = 500;

/** Reads streams and ledgers of one Redis server. */
export class StreamAudit implements AsyncDisposable {
  readonly #client: ReturnType<typeof makeClient>;
  readonly #partitions: number;

  private constructor(client: ReturnType<typeof makeClient>, partitions: number) {
    this.#client = client;
    this.#partitions = partitions;
  }

  static async connect(url: string, partitions: number): Promise<StreamAudit> {
    const client = makeClient(url);
    // A failed command reports its own error.
    client.on('error', () => undefined);
    await client.connect();
    return new StreamAudit(client, partitions);
  }

  /** Waits until every stored vote has an outcome, or there is no progress for `stalledMs`; returns the audit. */
  async settle(stalledMs: number): Promise<Audit> {
    const { stored, trimmed } = await this.#readStreams();
    let counted = -1;
    for (let deadline = 0; ; ) {
      const now = await this.#decided();
      if (now !== counted) deadline = Date.now() + stalledMs;
      counted = now;
      const done = counted >= stored;
      if (done || Date.now() > deadline) {
        const [shown, due] = [await this.#sumOfTallies(), await this.#sumOfLedgers(['counted'])];
        return { stored, trimmed, counted, shown, due, stuck: done ? '' : await this.#whereStuck() };
      }
      await delay(20);
    }
  }

  /** Waits until `votes` votes have an outcome; throws if there is no progress for `stalledMs`. */
  async counted(votes: number, stalledMs: number): Promise<void> {
    let reached = -1;
    for (let deadline = 0; reached < votes; ) {
      const now = await this.#decided();
      if (now !== reached) deadline = Date.now() + stalledMs;
      reached = now;
      if (Date.now() > deadline) throw new Error(`${reached} of ${votes} votes counted`);
      await delay(10);
    }
  }

  #decided(): Promise<number> {
    return this.#sumOfLedgers(['counted', 'superseded', 'duplicate', 'late']);
  }

  async #sumOfLedgers(columns: string[]): Promise<number> {
    let sum = 0;
    for (let partition = 0; partition < this.#partitions; partition++) {
      const values = await this.#client.hmGet(ledgerKey(partition), columns);
      sum += values.reduce((total, value) => total + Number(value ?? 0), 0);
    }
    return sum;
  }

  async [Symbol.asyncDispose]() {
    this.#client.destroy();
  }

  async #sumOfTallies(): Promise<number> {
    let sum = 0;
    for (let partition = 0; partition < this.#partitions; partition++) {
      for (const key of await this.#client.keys(tallyKey(partition, '*'))) {
        for (const [option, count] of Object.entries(await this.#client.hGetAll(String(key)))) {
          // Names that begin with a colon are not options.
          if (!option.startsWith(':')) sum += Number(count);
        }
      }
    }
    return sum;
  }

  async #whereStuck(): Promise<string> {
    const parts: string[] = [];
    for (let partition = 0; partition < this.#partitions; partition++) {
      const pending = await this.#client.sendCommand(['XPENDING', streamKey(partition), TALLY_GROUP]);
      const dead = await this.#client.xLen(deadKey(partition));
      parts.push(
        `p${partition}: ${String((pending as unknown as unknown[])[0])} entries pending, ${dead} dead letters`,
      );
    }
    return parts.join('; ');
  }

  async #readStreams(): Promise<{ stored: number; trimmed: number }> {
    let stored = 0;
    let trimmed = 0;
    for (let partition = 0; partition < this.#partitions; partition++) {
      const key = streamKey(partition);
      if ((await this.#client.exists(key)) === 0) continue;
      const info = (await this.#client.sendCommand(['XINFO', 'STREAM', key])) as unknown as readonly unknown[];
      let read = 0;
      for (let from = '-'; ; ) {
        const page = (await this.#client.sendCommand(['XRANGE', key, from, '+', 'COUNT', `${PAGE}`])) as unknown as [
          Buffer,
          Buffer[],
        ][];
        for (const [, fields] of page) stored += countVotes(fields[1] ?? Buffer.alloc(0));
        read += page.length;
        if (page.length < PAGE) break;
        from = `(${String(page.at(-1)?.[0])}`;
      }
      trimmed += entriesAdded(info) - read;
    }
    return { stored, trimmed };
  }
}

function makeClient(url: string) {
  // With RESP 2 replies are flat lists, whatever the client's default is.
  return createClient({ url, RESP: 2 }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

/** Entries ever added, of an XINFO STREAM reply: a flat list in RESP2. */
function entriesAdded(info: readonly unknown[]): number {
  const at = info.findIndex((item) => String(item) === 'entries-added');
  return at < 0 ? 0 : Number(info[at + 1]);
}

/** Votes of a VoteBatch (`repeated Vote votes = 4`), without decoding them. */
function countVotes(batch: Buffer): number {
  let votes = 0;
  for (let at = 0; at < batch.length; ) {
    const tag = batch[at++] ?? 0;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = batch[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (tag === 0x22) votes++;
    if ((tag & 7) === 2) at += value;
  }
  return votes;
}
