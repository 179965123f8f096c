import { createHash } from 'node:crypto';
import type { Contest } from '../contest.ts';

/** Identifies a version of a contest: its entity tag in the API, without quotes. */
export function contestTag(contest: Contest): string {
  return createHash('sha256').update(JSON.stringify(contest)).digest('base64url').slice(0, 16);
}
