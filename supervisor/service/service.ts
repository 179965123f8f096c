import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs } from './back-off.ts';

/** State of a service. Only `Service.#become` changes it. */
export type ServiceState =
  /** The process runs but is not ready yet. Next: `running`, `waiting` or `failed`. */
  | { readonly name: 'starting' }
  /** The process is ready. Next: `waiting` if it exits. */
  | { readonly name: 'running'; readonly since: number }
  /** The process exited unexpectedly and restarts after a pause. */
  | { readonly name: 'waiting'; readonly reason: string }
  /** The process never became ready, because of an invalid setting or a taken port, which a restart would not fix. */
  | { readonly name: 'failed'; readonly reason: string }
  | { readonly name: 'stopping' }
  | { readonly name: 'stopped' };

interface ServiceOptions {
  readonly name: string;
  /** The script that Node runs, and its arguments. */
  readonly script: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  /**
   * Resolves to whether the service is ready; polled every 50 ms. A rejection counts as false. Check before the start
   * that the port is free: otherwise another program on it may answer.
   */
  readonly ready: () => Promise<boolean>;
  /** Called for each line that the service prints on either stream. */
  readonly onLine: (line: string) => void;
  readonly onChange?: (state: ServiceState) => void;
}

/** A process that runs this long resets the back-off. */
const STEADY_MS = 30_000;
/** Time from start to ready after which the service is killed and counts as failed. */
const READY_TIMEOUT_MS = 30_000;

/** One child process of `npm start`, restarted with back-off if it exits unexpectedly. */
export class Service {
  readonly name: string;
  readonly #options: ServiceOptions;
  readonly #stopped = new AbortController();
  #state: ServiceState = { name: 'starting' };
  #child: ChildProcess | undefined;
  #lines: string[] = [];
  #restarts = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ServiceOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get state(): ServiceState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Number of restarts so far. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves once the service is ready, or with the reason why it failed. */
  async start(): Promise<{ ok: true } | { ok: false; reason: string }> {
    const first = Promise.withResolvers<{ ok: true } | { ok: false; reason: string }>();
    this.#loop = this.#run((outcome) => first.resolve(outcome));
    return first.promise;
  }

  /** Sends SIGTERM, and SIGKILL after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.#stopped.signal.aborted) return this.#loop;
    this.#stopped.abort();
    if (this.#child !== undefined && isAlive(this.#child)) {
      this.#become({ name: 'stopping' });
      this.#child.kill('SIGTERM');
    }
    const forced = setTimeout(() => this.kill(), timeoutMs);
    await this.#loop;
    clearTimeout(forced);
    this.#become({ name: 'stopped' });
  }

  /** Sends SIGKILL. After `stop` has begun the service does not restart. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async #run(first: (outcome: { ok: true } | { ok: false; reason: string }) => void): Promise<void> {
    let failures = 0;
    for (;;) {
      this.#become({ name: 'starting' });
      this.#lines = [];
      const startedAt = Date.now();
      const wasReady = await this.#once(() => first({ ok: true }));
      if (this.#stopped.signal.aborted) return first({ ok: false, reason: 'stopped' });
      const reason = this.#reason();
      if (!wasReady && this.#restarts === 0) {
        this.#become({ name: 'failed', reason });
        return first({ ok: false, reason });
      }
      failures = Date.now() - startedAt > STEADY_MS ? 1 : failures + 1;
      this.#become({ name: 'waiting', reason });
      try {
        await delay(backOffMs(failures), undefined, { signal: this.#stopped.signal });
      } catch {
        // `stop` was called during the pause.
        return;
      }
      this.#restarts += 1;
    }
  }

  /** Runs the process once, until it exits. Resolves to whether it was ready. */
  async #once(onReady: () => void): Promise<boolean> {
    const child = spawn(
      process.execPath,
      ['--import', new URL('end-with-parent.ts', import.meta.url).href, ...this.#options.script],
      // Its own process group: Ctrl-C reaches only the supervisor, which stops the services in order.
      { env: this.#options.env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#line(line));
    }
    const closed = once(child, 'close').catch((error) => this.#line(String(error)));
    const ready = this.#waitUntilReady(child).then((is) => {
      if (is && !this.#stopped.signal.aborted) {
        this.#become({ name: 'running', since: Date.now() });
        onReady();
      }
      return is;
    });
    await closed;
    return ready;
  }

  async #waitUntilReady(child: ChildProcess): Promise<boolean> {
    const until = Date.now() + READY_TIMEOUT_MS;
    while (isAlive(child)) {
      if ((await this.#options.ready().catch(() => false)) && isAlive(child)) return true;
      if (Date.now() > until) {
        this.#line(`${this.name} was not ready within ${READY_TIMEOUT_MS / 1000} s`);
        child.kill('SIGKILL');
        return false;
      }
      await delay(50);
    }
    return false;
  }

  #reason(): string {
    const last = this.#lines.slice(-12).join('\n');
    const child = this.#child;
    return last === '' ? `exited with ${child?.exitCode ?? child?.signalCode}` : last;
  }

  #line(line: string): void {
    this.#lines = [...this.#lines.slice(-49), line];
    this.#options.onLine(line);
  }

  #become(state: ServiceState): void {
    this.#state = state;
    this.#options.onChange?.(state);
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
