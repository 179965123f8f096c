import type { Reply } from '../../http/reply.ts';
import type { VoteHead } from './read-head.ts';

/** One request of the subset, and the slot for its answer in the order of its connection. */
export class VoteExchange {
  readonly head: VoteHead;
  readonly body: Buffer;
  readonly remoteAddress: string;
  readonly #answered: () => void;
  #answer: Reply | undefined;

  constructor(head: VoteHead, body: Buffer, remoteAddress: string, answered: () => void) {
    this.head = head;
    this.body = body;
    this.remoteAddress = remoteAddress;
    this.#answered = answered;
  }

  /** Undefined until the request is answered. */
  get answer(): Reply | undefined {
    return this.#answer;
  }

  /**
   * Answers, now or later; only the first answer counts. It must not have Content-Length, Date or Connection headers.
   */
  reply(answer: Reply): void {
    if (this.#answer !== undefined) return;
    this.#answer = answer;
    this.#answered();
  }
}
