import { Agent, request } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { HonestOptions, HonestVotes } from './honest-votes.ts';

/**
 * A thread that votes at a fixed rate, half over HTTP/2 and half over HTTP/1.1, and measures each answer. A separate
 * thread, so that the work of an attack does not appear as a slow answer.
 */
const TICK_MS = 10;
/** Maximum votes per tick, so that a delayed thread does not catch up at once. */
const MAX_AT_ONCE = 100;
const VOTE = JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' });
const HEADERS = { 'content-type': 'application/json', 'content-length': VOTE.length };

const { url, ms, votesPerSecond } = workerData as HonestOptions;
const latencies: number[] = [];
const failures: string[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
let session: ClientHttp2Session | undefined;

function castHttp2(): Promise<void> {
  if (session === undefined || session.closed || session.destroyed) {
    session = connect(url);
    session.on('error', (error) => failures.push(`connection: ${error.message}`));
  }
  const stream = session.request({ ':method': 'POST', ':path': '/v1/votes', ...HEADERS });
  return new Promise((resolve) => {
    const sentAt = performance.now();
    let status: number | undefined;
    stream.on('response', (headers) => {
      status = headers[':status'];
    });
    stream.on('error', (error) => failures.push(`HTTP/2: ${error.message}`));
    stream.on('close', () => resolve(note(status, sentAt)));
    stream.resume().end(VOTE);
  });
}

function castHttp1(): Promise<void> {
  return new Promise((resolve) => {
    const sentAt = performance.now();
    const call = request(`${url}/v1/votes`, { agent, method: 'POST', headers: HEADERS }, (answer) => {
      answer.resume().on('close', () => resolve(note(answer.statusCode, sentAt)));
    });
    call.on('error', (error) => {
      failures.push(`HTTP/1.1: ${error.message}`);
      resolve();
    });
    call.end(VOTE);
  });
}

function note(status: number | undefined, sentAt: number): void {
  latencies.push(performance.now() - sentAt);
  if (status !== 202) failures.push(`status ${status}`);
}

const casts: Promise<void>[] = [];
const startedAt = performance.now();
for (let sent = 0; performance.now() - startedAt < ms; await delay(TICK_MS)) {
  const due = ((performance.now() - startedAt) * votesPerSecond) / 1_000;
  for (let i = 0; sent < due && i < MAX_AT_ONCE; i++, sent++) casts.push(sent % 2 === 0 ? castHttp2() : castHttp1());
}
await Promise.all(casts);
session?.close();
agent.destroy();
latencies.sort((a, b) => a - b);
const quantile = (share: number) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
const result: HonestVotes = { votes: casts.length, failures, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
parentPort?.postMessage(result);
