import type { Attack } from './attack.ts';
import { frameFloods } from './attacks/frame-floods.ts';
import { multiplexed } from './attacks/multiplexed.ts';
import { pipelines } from './attacks/pipelines.ts';
import { slowReaders } from './attacks/slow-readers.ts';

/** A control run without an attack. */
export const NO_ATTACK: Attack = { name: 'no attack', target: 'edge', run: async () => [] };

export const ATTACKS: readonly Attack[] = [...pipelines, ...multiplexed, ...frameFloods, ...slowReaders];
