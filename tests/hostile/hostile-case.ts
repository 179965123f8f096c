import type { Target } from './target.ts';

/** One hostile or malformed input, and the answers that the edge may give. */
export interface HostileCase {
  readonly transport: 'HTTP/1.1' | 'HTTP/2' | 'gRPC' | 'gRPC-Web' | 'Connect';
  readonly name: string;
  /** Describes the input in the report. */
  readonly sent: string;
  readonly send: (target: Target) => Promise<string>;
  /**
   * Allowed answers: the code of a problem such as `malformed_json`, `http <status>` if there is no code, `grpc
   * <status>`, `stored`, `answered` (a read), or `closed` (the connection was closed without an answer).
   */
  readonly expected: readonly string[];
}

/** Answers that no input may get. */
export const FORBIDDEN = /^(internal|http 50[0-4]|grpc (2|13))$/;
