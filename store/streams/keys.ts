/**
 * The names of everything that Votewire keeps in Redis. What belongs to partition N carries the hash tag `{pN}`, so
 * that Redis Cluster keeps it in one slot and one script may touch all of it.
 */

/** Stream of the partition: entries of one field `b`, a protobuf VoteBatch. */
export const streamKey = (partition: number) => `{p${partition}}:votes`;

/** Hash: option id -> count, and the counters whose names start with `:` (see tally.lua). */
export const tallyKey = (partition: number, contest: string) => `{p${partition}}:tally:${contest}`;

/** Hash: voter key (16 bytes) -> `<choice> <sequence> <ms>-<n> <index>`, the vote of theirs that stands. */
export const votersKey = (partition: number, contest: string) => `{p${partition}}:voters:${contest}`;

/** Seen vote_ids of an open contest, in time buckets that expire. */
export const voteIdsKey = (partition: number, contest: string, bucket: number) =>
  `{p${partition}}:ids:${contest}:${bucket}`;

/** Hash: contest id -> `<rule> <opensAtMs> <closesAtMs>`: what the tally script decides by. */
export const rulesKey = (partition: number) => `{p${partition}}:rules`;

/** Hash: `<group> <entry id>` -> an entry that could not be counted or logged (see set-aside.lua). */
export const deadKey = (partition: number) => `{p${partition}}:dead`;

/**
 * Hash: `<group> <entry id>` -> `<first ms> <times>` of entries that failed, but not often enough to be put aside,
 * `ended <group> <entry id>` -> how many consumers ended while they handled the entry alone, and
 * `replay <group> <position>` -> the new entry's id of a dead letter that was put back and is not handled yet.
 */
export const failuresKey = (partition: number) => `{p${partition}}:failures`;

/** String: set once when the partition's stream is made, so that entry ids of a lost and remade stream stay apart. */
export const epochKey = (partition: number) => `{p${partition}}:epoch`;

/** Hash: totals of the ledger that belong to the partition. */
export const ledgerKey = (partition: number) => `{p${partition}}:ledger`;

/** Pub/sub channel: `<entry id> <outcome of each vote, a letter each>` of entries that somebody waits for. */
export const countedChannel = (partition: number) => `{p${partition}}:counted`;

/** Hash: contest id -> JSON of the Contest. */
export const contestsKey = 'votewire:contests';

/** Pub/sub channel: told after each change of a contest. */
export const contestsChannel = 'votewire:contests:changed';

/** Hash: what is fixed at first start: `partitions`, `secret`. */
export const clusterKey = 'votewire:cluster';

/** Hash: `<role> <name>` -> JSON heartbeat of a consumer or an edge. */
export const heartbeatsKey = 'votewire:heartbeats';

/** Consumer groups of every vote stream. */
export const TALLY_GROUP = 'tally';
export const LOG_GROUP = 'log';

/** Hash: what edges took in, as they report it. */
export const intakeKey = 'votewire:intake';
