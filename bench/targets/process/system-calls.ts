import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { startChild } from './child.ts';

const EVENT = 'raw_syscalls:sys_enter';

/** Whether perf may count system calls on this machine. */
export function canCountSystemCalls(): boolean {
  const { status, stderr } = spawnSync('perf', ['stat', '-x', ',', '-e', EVENT, 'true'], { encoding: 'utf8' });
  return status === 0 && readCount(stderr) !== null;
}

/** Counts the system calls of all threads of a process while `run` runs; null if perf did not count. */
export async function countSystemCalls(pid: number, run: () => Promise<void>): Promise<number | null> {
  const command = ['perf', 'stat', '-x', ',', '-e', EVENT, '-p', `${pid}`];
  await using perf = await startChild({ command, core: undefined });
  await run();
  const exited = once(perf.process, 'exit');
  perf.process.kill('SIGINT');
  await exited;
  return readCount(perf.output());
}

function readCount(output: string): number | null {
  const count = new RegExp(`^(\\d+),[^,]*,${EVENT}`, 'm').exec(output)?.[1];
  return count === undefined ? null : Number(count);
}
