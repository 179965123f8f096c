import { Agent, request } from 'node:http';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Client, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { ErrorInfoSchema } from '../../proto/gen/google/rpc/error_details_pb.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { CastVotesRequestSchema, Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import type { EdgeProcess } from './edge-process.ts';

/** A vote as sent by a client. A test may omit or add fields. */
type SuiteVote = Record<string, unknown>;

/** An answer in a form common to all transports; `code` as in an HTTP problem. */
export type SuiteReply =
  | { readonly ok: true; readonly receipt: string; readonly status: string }
  | { readonly ok: false; readonly code: string; readonly retryable: boolean };

type SuiteBatchReply =
  | { readonly ok: true; readonly accepted: number; readonly rejected: { index: number; code: string }[] }
  | { readonly ok: false; readonly code: string };

/** One transport, as the suite uses it. */
export interface SuiteClient extends Disposable {
  cast(vote: SuiteVote, wait?: boolean): Promise<SuiteReply>;
  castMany(votes: readonly SuiteVote[]): Promise<SuiteBatchReply>;
  contests(): Promise<SuiteContest[]>;
}

/** The information about a contest that each transport gives. */
export interface SuiteContest {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly status: string;
  readonly options: readonly string[];
}

export function httpClient({ httpUrl }: Pick<EdgeProcess, 'httpUrl'>, maxSockets = 16): SuiteClient {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const post = (path: string, type: string, body: string) =>
    new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      const req = request(`${httpUrl}${path}`, { method: 'POST', agent, headers: { 'content-type': type } }, (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: JSON.parse(text) }));
      });
      req.on('error', reject).end(body);
    });
  return {
    async cast(vote, wait = false) {
      const query = wait ? '?wait=counted' : '';
      const { status, body } = await post(`/v1/votes${query}`, 'application/json', JSON.stringify(vote));
      if (status >= 400) return { ok: false, code: String(body.code), retryable: status === 503 };
      return { ok: true, receipt: String(body.receipt), status: String(body.status) };
    },
    async castMany(votes) {
      const lines = votes.map((vote) => JSON.stringify(vote)).join('\n');
      const { status, body } = await post('/v1/votes', 'application/x-ndjson', lines);
      if (status >= 400) return { ok: false, code: String(body.code) };
      const rejected = (body.rejected as { index: number; code: string }[]).map(({ index, code }) => ({ index, code }));
      return { ok: true, accepted: Number(body.accepted), rejected };
    },
    async contests() {
      const answer = await (await fetch(`${httpUrl}/v1/contests`)).json();
      return (answer as { contests: ListedContest[] }).contests.map(toContest);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

type RpcProtocol = 'grpc' | 'grpc-web' | 'connect';

export function rpcClient({ httpUrl }: Pick<EdgeProcess, 'httpUrl'>, protocol: RpcProtocol): SuiteClient {
  const sessionManager = new Http2SessionManager(httpUrl);
  const options = { baseUrl: httpUrl, httpVersion: '2', sessionManager } as const;
  const transports: Record<RpcProtocol, () => Transport> = {
    grpc: () => createGrpcTransport(options),
    'grpc-web': () => createGrpcWebTransport(options),
    connect: () => createConnectTransport(options),
  };
  const client: Client<typeof VoteService> = createClient(VoteService, transports[protocol]());
  return {
    async cast(vote, wait = false) {
      try {
        const { receipt, status } = await client.castVote({ vote: toMessage(vote), wait });
        return { ok: true, receipt, status: nameOf(Status, status) };
      } catch (error) {
        return failure(error);
      }
    },
    async castMany(votes) {
      try {
        const request = create(CastVotesRequestSchema, { votes: votes.map(toMessage) });
        const { accepted, rejected } = await client.castVotes(request);
        return {
          ok: true,
          accepted,
          rejected: rejected.map(({ index, code }) => ({ index, code: nameOf(ErrorCode, code) })),
        };
      } catch (error) {
        return failure(error);
      }
    },
    contests: async () => (await client.listContests({})).contests.map(toContest),
    [Symbol.dispose]: () => sessionManager.abort(),
  };
}

type ListedContest = Omit<SuiteContest, 'options'> & { readonly options: readonly { readonly id: string }[] };

function toContest({ id, title, rule, status, options }: ListedContest): SuiteContest {
  return { id, title, rule, status, options: options.map((option) => option.id) };
}

type VoteShape = NonNullable<MessageInitShape<typeof CastVotesRequestSchema>['votes']>[number];

function toMessage({ vote_id, sequence, ...vote }: SuiteVote): VoteShape {
  return {
    ...vote,
    ...(typeof vote_id === 'string' && { voteId: vote_id }),
    ...(typeof sequence === 'number' && { sequence: BigInt(sequence) }),
  } as VoteShape;
}

function failure(error: unknown): { ok: false; code: string; retryable: boolean } {
  const { code, message } = ConnectError.from(error);
  const reason = ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? `none (${code}: ${message})`;
  return { ok: false, code: reason.replace('ERROR_CODE_', '').toLowerCase(), retryable: code === 14 };
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return (Object.entries(names).find(([, number]) => number === value)?.[0] ?? '').toLowerCase();
}
