import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from 'vitest';
import { type RedisServer, startRedisServer } from '../../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { type EdgeProcess, type EdgeRuntime, startEdgeProcess } from '../edge-process.ts';
import type { SuiteClient, SuiteReply } from '../suite-clients.ts';
import { type SuiteCounter, startSuiteCounter } from '../suite-counter.ts';

export interface IngressVariant {
  readonly runtime: EdgeRuntime;
  readonly env?: Record<string, string>;
  /** Clients by transport; each runs the whole suite against the same edge. */
  readonly clients: Readonly<Record<string, Connect>>;
}

type Connect = (edge: EdgeProcess) => SuiteClient | Promise<SuiteClient>;

export const WAIT_TIMEOUT_MS = 600;

/** A real edge process with a client for each transport, and a real Redis that can fail and recover. */
export class IngressSystem implements AsyncDisposable {
  readonly clients = new Map<string, SuiteClient>();
  readonly #variant: IngressVariant;
  readonly #stack = new AsyncDisposableStack();
  #contests = 0;
  #dir = '';
  #redis: RedisServer | undefined;
  #edge: EdgeProcess | undefined;
  #counter: SuiteCounter | undefined;

  constructor(variant: IngressVariant) {
    this.#variant = variant;
  }

  async start(): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'votewire-edge-'));
    this.#dir = dir;
    this.#stack.defer(() => rm(dir, { recursive: true, force: true }));
    this.#redis = await startRedisServer({ dir });
    this.#stack.defer(async () => await this.#redis?.[Symbol.asyncDispose]());
    this.#edge = this.#stack.use(await this.startEdge());
    this.#counter = this.#stack.use(await startSuiteCounter(this.#redis.url));
    for (const [transport, connect] of Object.entries(this.#variant.clients)) {
      this.clients.set(transport, this.#stack.use(await connect(this.#edge)));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  get redis(): RedisServer {
    return this.#redis ?? assert.fail('not started');
  }

  get edge(): EdgeProcess {
    return this.#edge ?? assert.fail('not started');
  }

  get counter(): SuiteCounter {
    return this.#counter ?? assert.fail('not started');
  }

  /** Starts another edge of the same variant. */
  startEdge(): Promise<EdgeProcess> {
    return startEdgeProcess(this.#variant.runtime, {
      REDIS_URL: this.redis.url,
      DATA_DIR: this.#dir,
      WAIT_TIMEOUT_MS: `${WAIT_TIMEOUT_MS}`,
      ...this.#variant.env,
    });
  }

  /** Restarts Redis after its process was killed. */
  async restartRedis(): Promise<void> {
    this.#redis = await startRedisServer({ dir: this.#dir, port: this.redis.port });
  }

  connect(edge: EdgeProcess): Promise<SuiteClient[]> {
    return Promise.all(Object.values(this.#variant.clients).map((connect) => connect(edge)));
  }

  async results(contest: string) {
    return await this.#json(`/v1/contests/${contest}/results`);
  }

  async receiptStatus(receipt: string): Promise<string> {
    return (await this.#json(`/v1/receipts/${receipt}`)).status;
  }

  /** Creates a contest with the options `a` and `b`, and waits until the edge knows it. */
  async openContest(rule: 'one-per-voter' | 'open' = 'one-per-voter'): Promise<string> {
    const id = `contest-${this.#contests++}`;
    const options = ['a', 'b'].map((option) => ({ id: option, label: option, colour: '#0b7285', attributes: {} }));
    await waitFor(() => this.counter.ready);
    const outcome = await this.counter.contests.create({ id, title: id, rule, options });
    assert(outcome.ok, JSON.stringify(outcome));
    await waitFor(async () => (await fetch(`${this.edge.httpUrl}/v1/contests/${id}`)).ok);
    return id;
  }

  async #json(path: string) {
    return (await fetch(`${this.edge.httpUrl}${path}`)).json();
  }
}

/** Waits until the client's server knows the contest, because a worker in front of the edge caches the list briefly. */
export async function known(client: SuiteClient, contest: string): Promise<string> {
  await waitFor(async () => codeOf(await client.cast({ contest, choice: 'c', voter: 'x' })) === 'unknown_choice');
  return contest;
}

export function codeOf(reply: SuiteReply): string {
  return reply.ok ? reply.status : reply.code;
}
