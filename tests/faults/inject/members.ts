import type { Member, System } from '../system/system.ts';
import { lasting } from './lasting.ts';

/** Restarts the processes one after the other. */
export async function restart(system: System, members: readonly Member[], signal: NodeJS.Signals): Promise<void> {
  for (const { process } of members) {
    const code = await process.stop(signal);
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`${process.name} exited with ${code}:\n${process.output}`);
    process.start();
    await system.ready();
  }
}

/** Pauses the processes one after the other. */
export async function pause(members: readonly Member[], ms: number, after: () => Promise<void>): Promise<void> {
  for (const { process } of members) {
    process.signal('SIGSTOP');
    await lasting(ms);
    process.signal('SIGCONT');
    await after();
  }
}

/** Makes the links of all members go dead without a reset. Old connections stay dead, as behind a firewall. */
export async function silence(members: readonly Member[], ms: number): Promise<void> {
  for (const { link } of members) if (link !== undefined) link.judge = () => 'swallow';
  await lasting(ms);
  for (const { link } of members) if (link !== undefined) link.judge = () => 'forward';
}
