import { randomBytes } from 'node:crypto';
import type { StoreConfig } from '../../config/store-config.ts';
import type { ContestStore } from '../contests/contest-store.ts';
import { openContestStore } from '../contests/open-contest-store.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { retryUntilDone } from '../redis/start/retry.ts';
import { storeLog } from '../store-log.ts';
import { epochKey } from '../streams/keys.ts';
import { openPartition } from './partition.ts';
import { raiseSchema } from './raise-schema.ts';
import { FIRST_REDIS_SCHEMA, schemaOfRule } from './redis-schema.ts';
import { announceLoss, recordRestoration } from './restoration.ts';
import { type DeploymentSettings, followSettings, openSettings, restoreSettings } from './settings.ts';

/**
 * The state that every process of a deployment holds and can write back: settings, secret, contests and rules. If Redis
 * loses its data while processes run, the first one that notices writes everything back before it creates the streams.
 * Edges append to existing streams only, so no votes are accepted in between.
 */
export interface Deployment extends AsyncDisposable {
  readonly partitions: number;
  /** The key from which voter keys and receipts are derived. */
  readonly secret: Buffer;
  readonly contests: ContestStore;
  /** False after a loss is noticed, until everything is written back. */
  readonly ready: boolean;
  /** Checks that Redis has the state of this process, and restores missing data. Rejects if Redis is unreachable. */
  check(): Promise<void>;
  /** Like `check`, and also creates streams and groups that are missing although their partition has an epoch. */
  repair(): Promise<void>;
  /** Calls `listener` with the epoch of each partition now and whenever it changes. */
  onEpoch(listener: (partition: number, epoch: string) => void): void;
}

export interface DeploymentOptions {
  readonly redis: Redis;
  readonly config: Pick<StoreConfig, 'partitions' | 'secret' | 'mongodbUrl' | 'dataDir'> &
    Partial<Pick<StoreConfig, 'redisEviction'>>;
  /** The name of this process in the record of a restoration. */
  readonly name: string;
  /** Aborts the wait for Redis. */
  readonly signal?: AbortSignal;
  /** Milliseconds between checks. Default 500. */
  readonly intervalMs?: number;
  /**
   * Called if Redis now holds the settings of another deployment. Default: logs this and stops the process with
   * SIGTERM, so that it restarts with these settings.
   */
  readonly onReplaced?: (message: string) => void;
}

/** @throws {ConfigError} if PARTITIONS or SECRET differ from the first start, or Redis is too old */
export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { redis, config, signal } = options;
  await using opened = new AsyncDisposableStack();
  const settings = await retryUntilDone(redis, () => openSettings(redis, config), signal);
  const { partitions } = settings;
  const contests = opened.use(await retryUntilDone(redis, () => openContestStore({ redis, partitions }), signal));
  const deployment = new RunningDeployment(options, settings, contests);
  await retryUntilDone(redis, () => deployment.start(), signal);
  opened.move();
  return deployment;
}

class RunningDeployment implements Deployment {
  readonly partitions: number;
  readonly secret: Buffer;
  readonly contests: ContestStore;
  readonly #options: DeploymentOptions;
  readonly #settings: DeploymentSettings;
  readonly #epochs: string[];
  readonly #listeners: ((partition: number, epoch: string) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #repairing: Promise<void> | undefined;
  #isWhole = true;
  /** `redis.connections` at the last check: after a reconnect, it may be another server or have lost its data. */
  #checkedConnections = 0;
  #isReplaced = false;

  constructor(options: DeploymentOptions, settings: DeploymentSettings, contests: ContestStore) {
    this.#options = options;
    this.#settings = settings;
    this.contests = contests;
    this.partitions = settings.partitions;
    this.secret = settings.secret;
    this.#epochs = Array.from({ length: settings.partitions }, () => '');
  }

  get ready(): boolean {
    const { redis } = this.#options;
    // In a cluster, a reconnect of one node must not stop the others; a lost stream stops only its own partition.
    const isChecked = redis.cluster || redis.connections === this.#checkedConnections;
    return this.#isWhole && !this.#isReplaced && redis.ready && isChecked;
  }

  async start(): Promise<void> {
    const { redis, intervalMs = 500 } = this.#options;
    for (let partition = 0; partition < this.partitions; partition++) await this.#open(partition);
    const check = () => this.check().catch(ignoreUntilNextCheck);
    await followSettings(redis, check);
    await this.check();
    this.#timer ??= setInterval(check, intervalMs);
  }

  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  repair(): Promise<void> {
    this.#repairing ??= this.check()
      .then(async () => {
        for (let partition = 0; partition < this.partitions; partition++) await this.#open(partition);
      })
      .finally(() => {
        this.#repairing = undefined;
      });
    return this.#repairing;
  }

  onEpoch(listener: (partition: number, epoch: string) => void): void {
    this.#listeners.push(listener);
    for (const [partition, epoch] of this.#epochs.entries()) listener(partition, epoch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking?.catch(ignoreUntilNextCheck);
    await this.contests[Symbol.asyncDispose]();
  }

  async #check(): Promise<void> {
    const { redis } = this.#options;
    if (this.#isReplaced || !redis.ready) return;
    const { connections } = redis;
    const [state, isIntact, ...epochs] = await Promise.all([
      restoreSettings(redis, this.#settings),
      this.contests.isIntact(),
      ...this.#epochs.map((_, partition) => this.#readEpoch(partition)),
    ]);
    if (state === 'other' || state === 'newer') return this.#stop(state);
    const lost = epochs.flatMap((epoch, partition) => (epoch === null ? [partition] : []));
    for (const [partition, epoch] of epochs.entries()) if (epoch) this.#remember(partition, epoch);
    if (state === 'written' || !isIntact || lost.length > 0) {
      this.#isWhole = false;
      // The loss may have happened between these reads, and a stream must not exist without settings: check them again.
      const again = await restoreSettings(redis, this.#settings);
      if (again === 'other' || again === 'newer') return this.#stop(again);
      const settings = state === 'written' || again === 'written';
      await this.#restore({ settings, contests: !isIntact, partitions: lost });
    }
    this.#checkedConnections = connections;
    this.#isWhole = true;
  }

  /** null: the partition was lost. undefined: its cluster node is unreachable, which must not stop other partitions. */
  async #readEpoch(partition: number): Promise<string | null | undefined> {
    const { redis } = this.#options;
    try {
      return await redis.send(epochKey(partition), ['GET', epochKey(partition)], nullable(parseText));
    } catch (error) {
      if (redis.cluster) return undefined;
      throw error;
    }
  }

  /** Restores after the settings. The order matters: contests, then each partition's rules together with its stream. */
  async #restore(lost: { settings: boolean; contests: boolean; partitions: readonly number[] }): Promise<void> {
    const { redis, name } = this.#options;
    announceLoss(lost);
    // If the settings were lost, a process without knowledge of this deployment created the contests now in Redis.
    await this.contests.restore(lost.settings);
    const rules = this.contests.rules();
    await raiseSchema(redis, Math.max(FIRST_REDIS_SCHEMA, ...rules.map(schemaOfRule)));
    const created: number[] = [];
    for (let partition = 0; partition < this.partitions; partition++) {
      if (await this.#open(partition, lost.settings)) created.push(partition);
    }
    if (lost.settings || lost.contests || created.length > 0) {
      await recordRestoration(redis, { by: name, partitions: created });
    }
  }

  /** Opens a partition. True if this created its stream. */
  async #open(partition: number, overwrite = false): Promise<boolean> {
    const rules = this.contests.rules();
    const epoch = randomBytes(6).toString('base64url');
    const opened = await openPartition(this.#options.redis, partition, { epoch, rules, overwrite });
    this.#remember(partition, opened.epoch);
    return opened.isNew;
  }

  #remember(partition: number, epoch: string): void {
    if (this.#epochs[partition] === epoch) return;
    this.#epochs[partition] = epoch;
    for (const listener of this.#listeners) listener(partition, epoch);
  }

  #stop(state: 'other' | 'newer'): void {
    this.#isReplaced = true;
    const { onReplaced = stopProcess } = this.#options;
    onReplaced(STOPS[state]);
  }
}

const STOPS = {
  other:
    'Redis holds the settings of an older deployment with another SECRET or PARTITIONS; ' +
    'stopping, so that this process restarts with them',
  newer:
    'Redis now holds data that only a newer Votewire can read; stopping. Upgrade this process: until then it refuses ' +
    'to start',
} as const;

function stopProcess(message: string): void {
  storeLog.error(message);
  process.kill(process.pid, 'SIGTERM');
}

function ignoreUntilNextCheck(): void {
  // The connection reports that Redis is unreachable. Edges accept no votes until a check succeeds.
}
