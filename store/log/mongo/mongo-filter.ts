import type { Filter } from 'mongodb';
import type { LogFilter } from '../reads/vote-filter.ts';
import { type LogDocument, orderAt, voterText } from './mongo-document.ts';

/** No other code writes query operators. All values are strings, so a URL cannot inject operators. */
export function toMongoFilter(filter: LogFilter, orders: readonly Record<string, string>[]): Filter<LogDocument> {
  const conditions: Filter<LogDocument>[] = orders.map((order) => ({ order }));
  if (filter.since !== undefined) conditions.push({ order: { $gte: orderAt(filter.since.getTime()) } });
  if (filter.until !== undefined) conditions.push({ order: { $lt: orderAt(filter.until.getTime()) } });
  if (filter.path !== undefined) conditions.push({ path: { $eq: filter.path } });
  const vote: Record<string, { $eq: string }> = {};
  if (filter.contest !== undefined) vote.contest = { $eq: filter.contest };
  if (filter.choice !== undefined) vote.choice = { $eq: filter.choice };
  if (filter.voter !== undefined) vote.voter = { $eq: voterText(filter.voter) };
  // All conditions must hold for the same vote.
  if (Object.keys(vote).length > 0) conditions.push({ votes: { $elemMatch: vote } });
  return conditions.length === 0 ? {} : { $and: conditions };
}

/** True if the key of a cursor is a value of `order`. */
export function isOrder(key: readonly unknown[]): key is readonly [string] {
  return key.length === 1 && typeof key[0] === 'string' && /^\d{15}:p\d{1,4}:[^\s]{1,200}$/.test(key[0]);
}
