import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { type CommandResult, mustRun, runCommand } from './run-command.ts';

const PROJECT = 'votewire-test';
const IMAGE = 'votewire-test:latest';
const READY_MS = 180_000;

export interface VoteTotals {
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
}

/** The services of docker-compose.yml as a separate project on free ports of the host. */
export class ComposeSystem implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'votewire-compose-'));
  readonly #env: Readonly<Record<string, string>>;
  readonly #edgePort: number;
  readonly #compose: readonly [string, ...string[]];

  private constructor(
    compose: readonly [string, ...string[]],
    proxyImage: string,
    [edgePort, dashboardPort]: readonly [number, number],
  ) {
    this.#edgePort = edgePort;
    const secret = join(this.#dir, 'secret');
    // Readable by the image's user, like a Docker secret.
    writeFileSync(secret, randomBytes(32).toString('base64'), { mode: 0o644 });
    this.#compose = [...compose, '-p', PROJECT];
    this.#env = {
      SECRET_PATH: secret,
      VOTEWIRE_IMAGE: IMAGE,
      PROXY_IMAGE: proxyImage,
      EDGE_PUBLISHED_PORT: `${edgePort}`,
      DASHBOARD_PUBLISHED_PORT: `${dashboardPort}`,
    };
  }

  /** Prepares the project without starting anything. */
  static async open(compose: readonly [string, ...string[]], proxyImage: string): Promise<ComposeSystem> {
    return new ComposeSystem(compose, proxyImage, [await freePort(), await freePort()]);
  }

  compose(...args: string[]): Promise<CommandResult> {
    return mustRun([...this.#compose, ...args], { env: this.#env });
  }

  /** Starts two edges, four consumers and their dependencies, and waits until the proxy finds an edge. */
  async up(): Promise<void> {
    await this.compose('up', '-d', '--scale', 'edge=2', '--scale', 'consumer=4');
    const url = `http://127.0.0.1:${this.#edgePort}/readyz`;
    const isReady = async () => (await fetch(url).catch(() => undefined))?.ok;
    await waitFor(isReady, { what: `${url} is ready`, timeoutMs: READY_MS });
  }

  /** Ids of the containers of a service. */
  async containers(service: string): Promise<readonly string[]> {
    return (await this.compose('ps', '-q', service)).stdout.split('\n').filter(Boolean);
  }

  /** Runs `votewire` in a separate container that reaches the system only through the proxy. */
  votewire(...args: string[]): Promise<CommandResult> {
    return runCommand([
      ...(['docker', 'run', '--rm', '--network', `${PROJECT}_front`, '-e', 'EDGE_URL=http://proxy:8080'] as const),
      ...[IMAGE, 'votewire', ...args, '--json'],
    ]);
  }

  /** Casts votes in cats-vs-dogs by voters named after `voter`. */
  async vote(voter: string, choice: string, transport: string, count: number): Promise<VoteTotals> {
    const options = ['--voter', voter, '--transport', transport, '--count', `${count}`];
    const { stdout, stderr } = await this.votewire('vote', 'cats-vs-dogs', choice, ...options);
    if (stdout.trim() === '') throw new Error(`votewire vote printed nothing: ${stderr}`);
    return JSON.parse(stdout) as VoteTotals;
  }

  /** Votes of each option of cats-vs-dogs. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const { stdout } = await this.votewire('results', 'cats-vs-dogs');
    const { options } = JSON.parse(stdout) as { options: { id: string; count: number }[] };
    return Object.fromEntries(options.map(({ id, count }) => [id, count]));
  }

  /** Removes everything, with its volumes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '-v', '--remove-orphans');
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** The compose command of this machine: docker-compose or docker compose; undefined if it has neither. */
export async function findCompose(): Promise<readonly [string, ...string[]] | undefined> {
  const commands = [['docker', 'compose'], ['docker-compose']] as const;
  for (const command of commands) {
    const { code } = await runCommand([...command, 'version']).catch(() => ({ code: 1 }));
    if (code === 0) return command;
  }
  return undefined;
}
