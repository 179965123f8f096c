import { accepted } from './json-vectors/accepted.ts';
import { ruleBreaking } from './json-vectors/rule-breaking.ts';
import { unreadable } from './json-vectors/unreadable.ts';
import type { Vector } from './vector.ts';

export const jsonVectors: readonly Vector[] = [...accepted, ...unreadable, ...ruleBreaking];
