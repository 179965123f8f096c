import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, Reply } from '../load/channels/channel.ts';
import { openChannel } from '../load/channels/open-channel.ts';
import type { DriverJob } from '../load/job.ts';
import { makeJob } from '../load/make-job.ts';
import { makePool } from '../load/pool.ts';
import type { Child } from './process/child.ts';

/**
 * Sends votes, one at a time, until the first is acknowledged.
 *
 * @returns the number of acknowledged votes: one
 * @throws {Error} if the server exits or accepts none within `timeoutMs`, with its last output
 */
export async function awaitFirstVote(
  probe: Pick<DriverJob, 'url' | 'transport'>,
  server: Pick<Child, 'process' | 'output'>,
  timeoutMs: number,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let reason = 'no reply';
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
      throw new Error(`the server exited with ${exitCode ?? signalCode}:\n${server.output()}`);
    }
    if (performance.now() > deadline) {
      throw new Error(`no vote was accepted at ${probe.url} within ${timeoutMs} ms (${reason}):\n${server.output()}`);
    }
    await delay(5);
  }
}

async function sendOne({ url, transport }: Pick<DriverJob, 'url' | 'transport'>): Promise<Reply> {
  const job = makeJob({ url, watch: [] }, 'visits', { transport, connections: 1, requests: 1 });
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const timer = setTimeout(() => reject(new Error('no answer within 2 s')), 2000);
  let channel: Channel | undefined;
  try {
    const pool = makePool(job);
    channel = await openChannel(job, pool, (_token, reply) => resolve(reply));
    channel.send(0, 0);
    return await promise;
  } finally {
    clearTimeout(timer);
    channel?.close();
  }
}
