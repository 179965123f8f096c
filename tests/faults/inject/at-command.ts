import { waitFor } from '../../support/wait-for.ts';
import type { Verdict } from '../system/cutting-proxy.ts';
import type { Member, System } from '../system/system.ts';

/** Recognizes a command in a chunk that a process sends to Redis. */
export type CommandFilter = (chunk: Buffer) => boolean;

export const isTally: CommandFilter = (chunk) => chunk.includes('EVALSHA') && chunk.includes(':voters:');
export const isLogAck: CommandFilter = (chunk) => chunk.includes('EVALSHA') && chunk.includes('\r\nlogged\r\n');
export const isAppend: CommandFilter = (chunk) => chunk.includes('XADD');

const TIMEOUT_MS = 20_000;

/** Kills a consumer, `rounds` times, when it sends a certain command, which is not passed on. */
export async function killAt(system: System, command: CommandFilter, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const victim = system.consumers[round % system.consumers.length];
    if (victim?.link === undefined) throw new Error('this fault needs a consumer behind a proxy');
    const { link, process } = victim;
    link.judge = (chunk) => {
      if (!command(chunk)) return 'forward';
      process.signal('SIGKILL');
      return 'cut-before';
    };
    await waitFor(() => !process.running, { what: `${process.name} is killed at the command`, timeoutMs: TIMEOUT_MS });
    link.judge = () => 'forward';
    process.start();
  }
}

/** Drops the answers to `count` commands after the server executed them. */
export async function cutAnswers(
  members: readonly Member[],
  command: CommandFilter,
  { count, between }: { readonly count: number; readonly between: () => Promise<void> },
): Promise<void> {
  const links = members.flatMap((member) => (member.link === undefined ? [] : [member.link]));
  for (let n = 0; n < count; n++) {
    let armed = true;
    const judge = (chunk: Buffer): Verdict => {
      if (!armed || !command(chunk)) return 'forward';
      armed = false;
      return 'cut-after';
    };
    for (const link of links) link.judge = judge;
    await waitFor(() => !armed, { what: 'a command is cut', timeoutMs: TIMEOUT_MS });
    await between();
  }
  for (const link of links) link.judge = () => 'forward';
}
