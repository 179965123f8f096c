import { parentPort, workerData } from 'node:worker_threads';
import { SqliteFile } from './sqlite-file.ts';
import type { Question } from './sqlite-thread.ts';

/** The thread with a connection to the vote log, because node:sqlite blocks its caller. */

/** Maximum votes per transaction when several callers wait; they share the cost of the sync to disk. */
const VOTES_AT_ONCE = 16_384;

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const file = new SqliteFile(String(workerData.file));
let appends: Extract<Question, { name: 'append' }>[] = [];

port.on('message', (question: Question) => {
  switch (question.name) {
    case 'append':
      appends.push(question);
      // Deferred, so that callers whose messages arrive in the meantime share the transaction.
      if (appends.length === 1) setImmediate(appendAll);
      return;
    case 'removeOlderThan':
      return answer(question.id, () => file.write((writer) => writer.removeSome(question.ask.before)));
    case 'removeContest':
      return answer(question.id, () =>
        file.write((writer) => writer.removeContest(question.ask.contest, question.ask.upTo)),
      );
    case 'read':
      return answer(question.id, () => file.read((reader) => reader.read(question.ask)));
    case 'entry':
      return answer(question.id, () => file.read((reader) => reader.entry(question.ask)));
    case 'range':
      return answer(question.id, () => file.read((reader) => reader.range(question.ask)));
    case 'totals':
      return answer(question.id, () => file.read((reader) => reader.totals()));
    case 'close':
      setImmediate(close, question.id);
  }
});

function close(id: number): void {
  if (appends.length > 0) setImmediate(close, id);
  else answer(id, () => file.close() ?? null);
}

function appendAll(): void {
  let votes = 0;
  const asked: typeof appends = [];
  while (appends[0] !== undefined && votes < VOTES_AT_ONCE) {
    votes += appends[0].ask.count.reduce((sum, count) => sum + count, 0);
    asked.push(appends[0]);
    appends = appends.slice(1);
  }
  try {
    const answers = file.write((writer) => writer.append(asked.map((question) => question.ask)));
    for (const [index, question] of asked.entries()) {
      port?.postMessage({ id: question.id, answer: answers[index] });
    }
  } catch (error) {
    // The transaction was rolled back, so each caller repeats its part.
    for (const question of asked) port?.postMessage({ id: question.id, error });
  }
  if (appends.length > 0) setImmediate(appendAll);
}

function answer(id: number, work: () => unknown): void {
  try {
    port?.postMessage({ id, answer: work() });
  } catch (error) {
    port?.postMessage({ id, error });
  }
}
