import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { ErrorInfoSchema } from '../../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';
import { waitFor } from '../support/wait-for.ts';

const PATIENCE_MS = 8000;

/** A server under attack. Every method resolves to an answer in the form of HostileCase.expected. */
export class Target {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async fetch(path: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(`${this.url}${path}`, { redirect: 'manual', ...init });
    return answerOf(response.status, await response.text());
  }

  post(type: string, body: string | Uint8Array, headers: Record<string, string> = {}, path = '/v1/votes') {
    return this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body: typeof body === 'string' ? body : Uint8Array.from(body),
    });
  }

  /** Sends bytes over a new connection; resolves to the answer to the first request. */
  async raw(parts: readonly (string | Uint8Array)[]): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    let answer = '';
    const complete = Promise.withResolvers<void>();
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (isComplete(answer)) complete.resolve();
    });
    socket.once('close', () => complete.resolve());
    for (const part of parts) if (!socket.destroyed) socket.write(part);
    const late = setTimeout(() => complete.reject(new Error('no answer')), PATIENCE_MS);
    await complete.promise.finally(() => clearTimeout(late)).catch(() => undefined);
    if (answer === '') return socket.destroyed ? 'closed' : 'no answer';
    socket.destroy();
    return parseAnswer(answer);
  }

  /**
   * Sends bytes over a new connection; resolves to everything received until it is closed or the answer is complete.
   */
  async exchange(bytes: string, halfClose: boolean): Promise<string> {
    const socket = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => socket.destroy());
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    if (halfClose) socket.end(bytes);
    else socket.write(bytes);
    const wantsClose = bytes.includes('Connection: close');
    const isOver = () => socket.readableEnded || socket.destroyed || (!wantsClose && isComplete(answer));
    await waitFor(isOver, { timeoutMs: PATIENCE_MS }).catch(() => undefined);
    socket.destroy();
    return answer;
  }

  /** Sends the same request several times on one connection; resolves to the last answer, or `closed`. */
  async sequence(request: string, times: number): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    try {
      for (let i = 0; i < times; i++) {
        answer = '';
        socket.write(request);
        await waitFor(() => isComplete(answer) || socket.readableEnded, { timeoutMs: PATIENCE_MS });
        if (!isComplete(answer)) return 'closed';
      }
      return parseAnswer(answer);
    } finally {
      socket.destroy();
    }
  }

  /**
   * Sends one request over HTTP/2; resolves to the answer, or to one of its headers.
   *
   * @param verdictIn extracts the verdict from the body of a successful answer
   */
  async http2(
    headers: OutgoingHttpHeaders,
    body?: Uint8Array,
    shown?: string,
    verdictIn?: (body: Buffer) => string,
  ): Promise<string> {
    const session = connectHttp2(this.url);
    session.on('error', () => undefined);
    try {
      const stream = session.request({ ':method': 'POST', ...headers });
      stream.on('error', () => undefined);
      const seen: IncomingHttpHeaders = {};
      stream.on('response', (answer) => Object.assign(seen, answer));
      stream.on('trailers', (trailers) => Object.assign(seen, trailers));
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      const closed = once(stream, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
      stream.end(body);
      await closed;
      if (shown !== undefined) return `${seen[shown]}`;
      const answer = rpcAnswer(seen, Buffer.concat(chunks));
      const isSuccess = answer === 'stored' || answer === 'answered';
      return isSuccess && verdictIn !== undefined ? verdictIn(Buffer.concat(chunks)) : answer;
    } catch {
      return 'no answer';
    } finally {
      session.destroy();
    }
  }
}

function parseAnswer(answer: string): string {
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
  return answerOf(status, answer.slice(answer.indexOf('\r\n\r\n') + 4));
}

function answerOf(status: number, body: string): string {
  const code = /"code":"([a-z0-9_]+)"/.exec(body)?.[1];
  // Connect reports the gRPC code; the ErrorInfo has ours.
  const reason = /"reason":"ERROR_CODE_([A-Z0-9_]+)"/.exec(body)?.[1]?.toLowerCase();
  if (status >= 400) return reason ?? code ?? `http ${status}`;
  if (status === 202 || status === 303 || /"receipt"|"accepted":1/.test(body)) return 'stored';
  return status === 200 ? 'answered' : `http ${status}`;
}

function rpcAnswer(headers: IncomingHttpHeaders, body: Buffer): string {
  const status = Number(headers[':status'] ?? 0);
  if (status === 0) return 'closed';
  const grpc = headers['grpc-status'];
  if (grpc === undefined) {
    const text = body.toString('latin1');
    // gRPC-Web has its trailers in the last message of the body.
    const trailers = /grpc-status: ?(\d+)/.exec(text);
    if (trailers !== null)
      return trailers[1] === '0'
        ? 'stored'
        : (reasonOf(/details-bin: ?(\S+)/.exec(text)?.[1]) ?? `grpc ${trailers[1]}`);
    return answerOf(status, text);
  }
  if (grpc === '0') return 'stored';
  return reasonOf(headers['grpc-status-details-bin'] as string | undefined) ?? `grpc ${grpc}`;
}

function reasonOf(details: string | undefined): string | undefined {
  if (details === undefined) return undefined;
  for (const detail of fromBinary(StatusSchema, Buffer.from(details, 'base64')).details) {
    const info = anyUnpack(detail, ErrorInfoSchema);
    if (info !== undefined) return info.reason.replace('ERROR_CODE_', '').toLowerCase();
  }
  return undefined;
}

/** Whether a final HTTP/1.1 answer has arrived completely. */
function isComplete(answer: string): boolean {
  const final = answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const end = final.indexOf('\r\n\r\n');
  if (end < 0) return false;
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(final)) return final.endsWith('0\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(final)?.[1];
  return length !== undefined && final.length >= end + 4 + Number(length);
}
