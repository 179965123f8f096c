import * as v from 'valibot';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { listOf, parseText } from '../redis/replies.ts';
import { auditKey } from '../streams/keys.ts';

/** One change by an operator. */
export interface AuditEntry {
  /** ISO 8601 in UTC, by Redis's clock. */
  readonly at: string;
  /** The name of the admin token. */
  readonly who: string;
  /** For example, `contest.edit`. */
  readonly action: string;
  /** The contest's id, or a name for anything else that was changed. */
  readonly subject: string;
  readonly changes: readonly AuditChange[];
}

/** A field's value before and after; null: no value. */
export interface AuditChange {
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The changes by operators, newest first. Redis keeps the latest `MAX_ENTRIES`. */
export interface AuditLog {
  add(entry: Omit<AuditEntry, 'at'>): Promise<void>;
  /** @param subject undefined: all subjects */
  list(limit: number, subject?: string): Promise<AuditEntry[]>;
}

export const MAX_ENTRIES = 1000;
/** Longer values are truncated to this many characters. */
const MAX_VALUE = 300;

const value = v.nullable(v.string());
const entrySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    at: v.string(),
    who: v.string(),
    action: v.string(),
    subject: v.string(),
    changes: v.array(v.object({ field: v.string(), from: value, to: value })),
  }),
) satisfies v.GenericSchema<unknown, AuditEntry>;

export function createAuditLog(redis: Redis, maxEntries = MAX_ENTRIES): AuditLog {
  return {
    async add({ who, action, subject, changes }) {
      const at = new Date(await readRedisTime(redis, auditKey)).toISOString();
      const short = changes.map(({ field, from, to }) => ({ field, from: cut(from), to: cut(to) }));
      const json = JSON.stringify({ at, who, action, subject, changes: short } satisfies AuditEntry);
      await redis.send(auditKey, ['LPUSH', auditKey, json]);
      await redis.send(auditKey, ['LTRIM', auditKey, '0', `${maxEntries - 1}`]);
    },
    async list(limit, subject) {
      const texts = await redis.send(auditKey, ['LRANGE', auditKey, '0', '-1'], listOf(parseText));
      return texts
        .flatMap((text) => {
          const parsed = v.safeParse(entrySchema, text);
          return parsed.success ? [parsed.output] : [];
        })
        .filter((entry) => subject === undefined || entry.subject === subject)
        .slice(0, limit);
    },
  };
}

function cut(text: string | null): string | null {
  return text !== null && text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
