import type { Attack } from './attack.ts';
import { frameFloods } from './attacks/frame-floods.ts';
import { pipelines } from './attacks/pipelines.ts';
import { slowReaders } from './attacks/slow-readers.ts';

export const ATTACKS: readonly Attack[] = [...pipelines, ...frameFloods, ...slowReaders];
