/**
 * The names of everything that Votewire stores in Redis. Keys of partition N have the hash tag `{pN}`, so that Redis
 * Cluster keeps them in one slot and one script can access all of them.
 */

/**
 * Stream of the partition. Each entry has the field `b`, a protobuf VoteBatch; a replayed dead letter also has
 * `replay`, and an entry with votes of traced requests `traceparent`.
 */
export const streamKey = (partition: number) => `{p${partition}}:votes`;

/** Hash: option id -> count, and the counters whose names start with `:` (see tally.lua). */
export const tallyKey = (partition: number, contest: string) => `{p${partition}}:tally:${contest}`;

/** Hash: voter key (16 bytes) -> `<choice> <sequence> <ms>-<n> <index>`, the voter's effective vote. */
export const votersKey = (partition: number, contest: string) => `{p${partition}}:voters:${contest}`;

/** Seen vote_ids of an open contest, in time buckets that expire. */
export const voteIdsKey = (partition: number, contest: string, bucket: number) =>
  `{p${partition}}:ids:${contest}:${bucket}`;

/** Hash: contest id -> its times (see contest-rule.ts), which the tally script reads. */
export const rulesKey = (partition: number) => `{p${partition}}:rules`;

/** Hash: `<group> <entry id>` -> an entry that could not be counted or logged (see dead-letter.lua). */
export const deadKey = (partition: number) => `{p${partition}}:dead`;

/**
 * Hash: `<group> <entry id>` -> `<first ms> <times>` of entries that failed, but not often enough for a dead letter;
 * `ended <group> <entry id>` -> how many consumers died while handling the entry alone;
 * `replay <group> <position>` -> the id of the entry that replays a dead letter, until it is handled;
 * `counted <contest> <position>` -> 1 for a dead letter whose votes a recount has counted from the log.
 */
export const failuresKey = (partition: number) => `{p${partition}}:failures`;

/**
 * Stream, bounded: which consumer counted which entries. One record per call of tally.lua: consumer -> `<first>_<last>`
 * of each run of entries, or a single id.
 */
export const countedByKey = (partition: number) => `{p${partition}}:counted-by`;

/**
 * String, set when the partition's stream is created: distinguishes the entry ids of a lost stream from those of its
 * successor.
 */
export const epochKey = (partition: number) => `{p${partition}}:epoch`;

/** Hash: totals of the ledger that belong to the partition. */
export const ledgerKey = (partition: number) => `{p${partition}}:ledger`;

/** Pub/sub channel: `<entry id> <one letter per vote>` for entries whose clients wait for the count. */
export const countedChannel = (partition: number) => `{p${partition}}:counted`;

/** Hash: contest id -> JSON of the Contest. */
export const contestsKey = 'votewire:contests';

/**
 * Hash: contest id -> `{"rule", "at"}` of a deleted contest, so that votes for it that are still in a stream are
 * dropped.
 */
export const deletedContestsKey = 'votewire:contests:deleted';

/** Hash: short code -> contest. */
export const contestCodesKey = 'votewire:contests:codes';

/** List: changes by operators as JSON, newest first, bounded. */
export const auditKey = 'votewire:audit';

/** Pub/sub channel: the contest's id after each change. */
export const contestsChannel = 'votewire:contests:changed';

/**
 * Hash: settings that are fixed at the first start (`partitions`, `secret`, `created`), the schema version that a
 * process needs (`schema`, see redis-schema.ts), and the last restoration (`restored`).
 */
export const clusterKey = 'votewire:cluster';

/** Pub/sub channel: a process reports that the settings are missing. Every process that has them subscribes. */
export const settingsChannel = 'votewire:cluster:missing';

/** Hash: `<role> <name>` -> JSON heartbeat of a consumer or an edge. */
export const heartbeatsKey = 'votewire:heartbeats';

/** Stream: entries that a consumer claimed from another one, bounded (see claims.ts). */
export const claimsKey = 'votewire:claims';

/** Streams, bounded: samples of dashboards over time (see sample-stream.ts). */
export const countHistoryKey = (contest: string) => `votewire:history:counts:${contest}`;
export const countHistoryByMinuteKey = (contest: string) => `votewire:history:minutes:${contest}`;
export const systemHistoryKey = 'votewire:history:system';

/** Sorted set: processes that started or stopped, by time, bounded (see process-events.ts). */
export const processEventsKey = 'votewire:history:processes';

/** Consumer groups of every vote stream. */
export const TALLY_GROUP = 'tally';
export const LOG_GROUP = 'log';

/** Hash: votes that edges received, by outcome, as the edges report them. */
export const intakeKey = 'votewire:intake';
