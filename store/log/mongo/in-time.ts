import { MongoServerError } from 'mongodb';
import type { ReadDeadline } from '../reads/read-deadline.ts';

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const MAX_TIME_EXPIRED = 50;

/**
 * Makes a query that the server aborts at the deadline.
 *
 * @throws {LogDeadlineError} if it did, or the deadline had passed before
 * @throws the reason of the deadline's signal if it had aborted before
 */
export async function inTime<T>(
  deadline: ReadDeadline,
  query: (options: { maxTimeMS: number }) => Promise<T>,
): Promise<T> {
  const maxTimeMS = deadline.remainingMs();
  try {
    return await query({ maxTimeMS });
  } catch (error) {
    if (error instanceof MongoServerError && error.code === MAX_TIME_EXPIRED) throw deadline.error(error);
    throw error;
  }
}
