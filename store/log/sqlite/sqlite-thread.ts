import { Worker } from 'node:worker_threads';
import type { ReadDeadline } from '../reads/read-deadline.ts';
import type { SqliteCalls } from './sqlite-messages.ts';

/** A request to the thread. */
export type Question = {
  [Name in keyof SqliteCalls]: { id: number; name: Name; ask: SqliteCalls[Name]['ask'] };
}[keyof SqliteCalls];

/** Reads sent to the thread at once; the others wait here, where they can be dropped. */
const MAX_READS = 2;

/** A thread with its own connection, started at the first call and restarted after a failure. */
export class SqliteThread implements AsyncDisposable {
  readonly #file: string;
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #reads = 0;
  /** Waiting reads; each completed read starts the next one. */
  readonly #turns: (() => void)[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws {Error} the error of the thread */
  call<Name extends keyof SqliteCalls>(
    name: Name,
    ask: SqliteCalls[Name]['ask'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<SqliteCalls[Name]['answer']> {
    if (this.#closed) return Promise.reject(new Error('The vote log is closed'));
    const worker = this.#worker ?? this.#start();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<SqliteCalls[Name]['answer']>();
    this.#waiting.set(id, { resolve, reject });
    if (this.#waiting.size === 1) worker.ref();
    worker.postMessage({ id, name, ask }, [...transfer]);
    return promise;
  }

  /**
   * Makes a call when it is its turn among the reads, unless its deadline has passed or its signal has aborted by then.
   *
   * @throws {Error} the error of the thread
   * @throws whatever `deadline.remainingMs()` throws
   */
  async read<Name extends keyof SqliteCalls>(
    name: Name,
    ask: SqliteCalls[Name]['ask'],
    deadline: ReadDeadline,
  ): Promise<SqliteCalls[Name]['answer']> {
    if (this.#reads < MAX_READS) this.#reads++;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
    try {
      deadline.remainingMs();
      return await this.call(name, ask);
    } finally {
      const next = this.#turns.shift();
      if (next === undefined) this.#reads--;
      else next();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    const closing = worker && this.call('close', null);
    this.#closed = true;
    await closing;
    await worker?.terminate();
  }

  #start(): Worker {
    const entry = new URL('./sqlite-worker.ts', import.meta.url);
    // No execArgv: modules that are preloaded into this process (`--import`) are not meant for its threads.
    const worker = new Worker(entry, { workerData: { file: this.#file }, execArgv: [] });
    this.#worker = worker;
    worker.on('message', (reply: { id: number; answer: never; error?: Error }) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      // An idle log must not keep the process alive.
      if (this.#waiting.size === 0) worker.unref();
      if (reply.error === undefined) waiting?.resolve(reply.answer);
      else waiting?.reject(reply.error);
    });
    worker.on('error', (error) => this.#failAll(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#failAll(worker, new Error('The thread of the vote log exited')));
    return worker;
  }

  #failAll(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
