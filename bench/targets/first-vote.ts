import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, Reply } from '../load/channels/channel.ts';
import { openChannel } from '../load/channels/open-channel.ts';
import type { DriverJob } from '../load/job.ts';
import { makePool } from '../load/pool.ts';
import type { Child } from './child.ts';

/** What is sent to find out whether a server takes votes; one of the contests that every deployment starts with. */
const PROBE = { contest: 'visits', rule: 'open', options: ['visit'], payload: 'small', seed: 1 } as const;

/**
 * Sends votes, one after the other, until the first is acknowledged.
 *
 * @returns how many were acknowledged: one
 * @throws {Error} where the server ended or took none within `timeoutMs`; says what it printed
 */
export async function awaitFirstVote(
  probe: Pick<DriverJob, 'url' | 'transport'>,
  server: Pick<Child, 'process' | 'output'>,
  timeoutMs: number,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let reason = 'nobody listens';
  for (;;) {
    try {
      const reply = await sendOne(probe);
      if (reply.acknowledged === 1) return 1;
      reason = reply.reason ?? reason;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    const { exitCode, signalCode } = server.process;
    if (exitCode !== null || signalCode !== null) {
      throw new Error(`the server ended with ${exitCode ?? signalCode}:\n${server.output()}`);
    }
    if (performance.now() > deadline) {
      throw new Error(`no vote was accepted at ${probe.url} within ${timeoutMs} ms (${reason}):\n${server.output()}`);
    }
    await delay(5);
  }
}

async function sendOne({ url, transport }: Pick<DriverJob, 'url' | 'transport'>): Promise<Reply> {
  const job: DriverJob = {
    url,
    transport,
    shape: { kind: 'single' },
    connections: 1,
    streams: 1,
    load: { kind: 'closed' },
    workload: PROBE,
    warmupMs: 0,
    measureMs: 0,
    watch: [],
  };
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const timer = setTimeout(() => reject(new Error('no answer within 2 s')), 2000);
  let channel: Channel | undefined;
  try {
    const pool = makePool(transport, { kind: 'single' }, PROBE, 1);
    channel = await openChannel(job, pool, (_token, reply) => resolve(reply));
    channel.send(0, 0);
    return await promise;
  } finally {
    clearTimeout(timer);
    channel?.close();
  }
}
