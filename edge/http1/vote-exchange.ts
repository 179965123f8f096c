import type { Reply } from '../../http/reply.ts';
import type { VoteHead } from './read-head.ts';

/** One request of the subset, and the place of its answer among the others of its connection. */
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

  /** Undefined until there is one. */
  get answer(): Reply | undefined {
    return this.#answer;
  }

  /** Answers, now or later; the first answer counts. Its headers are none of Content-Length, Date and Connection. */
  reply(answer: Reply): void {
    if (this.#answer !== undefined) return;
    this.#answer = answer;
    this.#answered();
  }
}
