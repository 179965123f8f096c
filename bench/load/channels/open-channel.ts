import type { DriverJob } from '../job.ts';
import type { RequestPool } from '../pool.ts';
import { parseTarget } from '../target.ts';
import type { Channel, OnReply } from './channel.ts';
import { Http1Channel } from './http1-channel.ts';
import { Http2Channel } from './http2-channel.ts';
import { StreamChannel } from './stream-channel.ts';

/**
 * Opens one connection for the job's transport and shape.
 *
 * @throws {Error} if the target does not listen or does not speak the protocol
 */
export async function openChannel(job: DriverJob, pool: RequestPool, onReply: OnReply): Promise<Channel> {
  const target = parseTarget(job.url);
  if (job.transport === 'http1') return Http1Channel.open(target, pool, onReply);
  const setup = { target, transport: job.transport, streams: job.streams, pool, onReply };
  return job.shape.kind === 'stream' ? StreamChannel.open(setup) : Http2Channel.open(setup);
}
