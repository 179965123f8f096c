import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { frame } from '../../edge/grpc/framing/frame.ts';
import type { EdgeProcess } from '../../edge/testing/edge-process.ts';
import { useEdge } from '../../edge/testing/use-edge.ts';
import {
  CastVoteRequestSchema,
  CastVoteResponseSchema,
  Status,
  StreamVotesRequestSchema,
  StreamVotesResponseSchema,
} from '../../proto/gen/votewire/v1/service_pb.ts';
import { ensureGrpcio } from '../../tools/test/python-packages.ts';
import { lacks } from '../support/lacks.ts';
import { testNeeding } from '../support/needing.ts';

/** Third-party clients, against an edge process with a real Redis. */
const run = promisify(execFile);
const grpcio = ensureGrpcio();

const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const unary = toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote }));
const streamed = toBinary(StreamVotesRequestSchema, create(StreamVotesRequestSchema, { votes: [vote, vote] }));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const JSON_TYPE = ['-H', 'content-type: application/json'];

describe('an edge', () => {
  let dir: string;
  let edge: EdgeProcess;
  let address: string;
  useEdge({}, (started) => {
    ({ dir, edge } = started);
    address = new URL(edge.httpUrl).host;
  });

  testNeeding(!grpcio.ok && grpcio.reason)('grpcio: unary, gzip, stream, keepalive pings, a refusal', async () => {
    const python = grpcio.ok ? grpcio.python : '';
    const { stdout } = await run(python, ['tests/clients/grpcio.py', address, hex(unary), hex(streamed)]);
    const answers = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.match(/^(.*) (\S+)$/)?.slice(1) as [string, string]),
    );
    expect([...answers.keys()]).toStrictEqual(['unary', 'gzip', 'stream', 'after pings', 'refused']);
    for (const name of ['unary', 'gzip', 'after pings']) {
      const answer = fromBinary(CastVoteResponseSchema, Buffer.from(answers.get(name) ?? '', 'hex'));
      expect(answer.status, name).toBe(Status.QUEUED);
    }
    const last = fromBinary(StreamVotesResponseSchema, Buffer.from(answers.get('stream') ?? '', 'hex'));
    expect(last.acknowledged).toBe(200n);
    expect(answers.get('refused')).toBe('INVALID_ARGUMENT');
  });

  testNeeding(lacks('go'))(
    'grpc-go: 1,000 calls at once, keepalive pings, another call',
    { timeout: 180_000 },
    async () => {
      const program = join(dir, 'grpc-go-client');
      await run('go', ['build', '-o', program, '.'], { cwd: 'tests/clients/go', timeout: 150_000 });
      const { stdout, stderr } = await run(program, [address, hex(unary)]);
      expect(stdout.trim(), stderr).toBe('1001');
    },
  );

  testNeeding(lacks('curl'))('curl --http2-prior-knowledge: votes, reads, pages', async () => {
    const curl = async (...args: string[]) =>
      (await run('curl', ['-s', '--http2-prior-knowledge', '-w', '\n%{http_version} %{http_code}', ...args])).stdout;
    const cast = await curl(`${edge.httpUrl}/v1/votes`, ...JSON_TYPE, '-d', JSON.stringify(vote));
    expect(cast).toMatch(/^{"receipt":"[\w-]+","status":"queued"}\n2 202$/);
    expect(await curl(`${edge.httpUrl}/v1/votes`, ...JSON_TYPE, '-d', '{')).toMatch(
      /"code":"malformed_json".*\n2 400$/,
    );
    expect(await curl(`${edge.httpUrl}/readyz`)).toBe('{"status":"ready"}\n2 200');
    expect(await curl(`${edge.httpUrl}/c/cats-vs-dogs`)).toMatch(/<!doctype html>[\s\S]*\n2 200$/i);
    const large = join(dir, 'large.json');
    await writeFile(large, ' '.repeat(100_000));
    expect(await curl(`${edge.httpUrl}/v1/votes`, ...JSON_TYPE, '--data-binary', `@${large}`)).toMatch(/\n2 413$/);
  });

  testNeeding(lacks('h2load'))('h2load: 20,000 calls and 20,000 posts over 4 connections of 32 streams', async () => {
    const file = join(dir, 'body');
    const load = async (path: string, type: string, body: Uint8Array) => {
      await writeFile(file, body);
      const args = ['-n20000', '-c4', '-m32', '-d', file, '-H', `content-type: ${type}`, '-H', 'te: trailers'];
      return (await run('h2load', [...args, `${edge.httpUrl}${path}`])).stdout;
    };
    const all = /20000 succeeded, 0 failed, 0 errored, 0 timeout\nstatus codes: 20000 2xx/;
    expect(await load('/votewire.v1.VoteService/CastVote', 'application/grpc', frame(unary))).toMatch(all);
    expect(await load('/v1/votes', 'application/json', Buffer.from(JSON.stringify(vote)))).toMatch(all);
  });

  test('answers HTTP/1.0 without a Host, as health checks send it', async () => {
    const { stdout } = await run('curl', [
      '-s',
      '--http1.0',
      '-H',
      'Host:',
      '-w',
      ' %{http_code}',
      `${edge.httpUrl}/readyz`,
    ]);
    expect(stdout).toBe('{"status":"ready"} 200');
  });
});
