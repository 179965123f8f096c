import type { VoteHead } from './read-head.ts';

/** An answer before it is bytes. */
export interface VoteReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** In lower case. None of them is Content-Type, Content-Length, Date or Connection. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request of the subset, and the place of its answer among the others of its connection. */
export class VoteExchange {
  readonly head: VoteHead;
  readonly body: Buffer;
  readonly remoteAddress: string;
  readonly #answered: () => void;
  #answer: VoteReply | undefined;

  constructor(head: VoteHead, body: Buffer, remoteAddress: string, answered: () => void) {
    this.head = head;
    this.body = body;
    this.remoteAddress = remoteAddress;
    this.#answered = answered;
  }

  /** Undefined until there is one. */
  get answer(): VoteReply | undefined {
    return this.#answer;
  }

  /** Answers, now or later; the first answer counts. */
  reply(answer: VoteReply): void {
    if (this.#answer !== undefined) return;
    this.#answer = answer;
    this.#answered();
  }
}
