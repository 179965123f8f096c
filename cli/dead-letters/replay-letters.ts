import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '../../store/redis/redis.ts';
import { type DeadLetter, replayDeadLetter, replayState } from '../../store/streams/dead-letters.ts';
import { NO_LONGER_EXISTS, nameOf } from './letter-text.ts';

interface Replay {
  readonly letter: DeadLetter;
  /** The id of the new entry. */
  readonly newId: string;
}

/** Interval at which outcomes are polled. */
const POLL_MS = 50;

/** Replays letters and prints the outcomes; false if one failed again or has no outcome after `waitMs`. */
export async function replayLetters(
  redis: Redis,
  letters: readonly DeadLetter[],
  { waitMs, print }: { readonly waitMs: number; readonly print: (line: string) => void },
): Promise<boolean> {
  const replays: Replay[] = [];
  for (const letter of letters) {
    const newId = await replayDeadLetter(redis, letter);
    print(`${nameOf(letter)} ${newId === undefined ? NO_LONGER_EXISTS : `was replayed as ${newId}`}`);
    if (newId !== undefined) replays.push({ letter, newId });
  }
  if (replays.length === 0) return true;
  const { handled, failed, waiting } = await waitForOutcomes(redis, replays, waitMs);
  print(`${handled} handled, ${failed} failed again, ${waiting} waiting`);
  return failed + waiting === 0;
}

async function waitForOutcomes(redis: Redis, replays: readonly Replay[], waitMs: number) {
  const counts = { handled: 0, failed: 0 };
  const deadline = performance.now() + waitMs;
  let pending = replays;
  for (;;) {
    const states = await Promise.all(pending.map(({ letter, newId }) => replayState(redis, letter, newId)));
    for (const state of states) if (state !== 'waiting') counts[state]++;
    pending = pending.filter((_, index) => states[index] === 'waiting');
    if (pending.length === 0 || performance.now() >= deadline) return { ...counts, waiting: pending.length };
    await delay(POLL_MS);
  }
}
