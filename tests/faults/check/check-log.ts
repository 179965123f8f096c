import type { Attempt } from '../load/attempt.ts';
import type { Finding } from './findings.ts';
import type { Logged } from './logged.ts';

/** I3 and I5: the log has every acknowledged submission once, and nothing that was rejected or never sent. */
export function checkLog(attempts: readonly Attempt[], { times: logged }: Logged, violations: string[]): Finding {
  let lost = 0;
  let double = 0;
  for (const attempt of attempts) {
    const times = logged.get(attempt.id) ?? 0;
    if (attempt.outcome === 'ok' && times === 0) {
      lost++;
      violations.push(`I3: attempt ${attempt.id} was acknowledged and is not in the log`);
    }
    if (attempt.outcome === 'failed' && times > 0) {
      violations.push(`I5: attempt ${attempt.id} was rejected (${attempt.detail}) and is in the log`);
    }
    if (times > 1) {
      double += times - 1;
      violations.push(`I3: attempt ${attempt.id} is in the log ${times} times`);
    }
  }
  const known = new Set(attempts.map((attempt) => attempt.id));
  for (const id of logged.keys()) if (!known.has(id)) violations.push(`I3: ${id} is in the log and was never sent`);
  return { lost, double };
}
