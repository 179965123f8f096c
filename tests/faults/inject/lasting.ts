import { setTimeout as delay } from 'node:timers/promises';

/** A pause whose length is part of the fault, such as the time that a server stays frozen. */
export const lasting = (ms: number): Promise<void> => delay(ms);
