import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import { CodecOracle } from './testing/codec-oracle.ts';

const path = join(import.meta.dirname, 'testing/json-test-suite/parsing.json');
const cases = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>);
const oracle = new CodecOracle();

/** The JSON is grammatical: the value belongs to a field that votes do not have, or is nested too deep. */
const ACCEPTED = new Set<number | undefined>([ErrorCode.UNKNOWN_FIELD, ErrorCode.NESTED_TOO_DEEP]);

describe('JSONTestSuite', () => {
  for (const [name, base64] of cases) {
    test(name, () => {
      const text = Buffer.from(base64, 'base64');
      oracle.checkJson(text);
      const vote = Buffer.concat([
        Buffer.from('{"contest":"cats-vs-dogs","choice":"cats","voter":"ana","extra":'),
        text,
        Buffer.from('}'),
      ]);
      oracle.checkJson(vote);
      const { failure } = oracle.agreed('encodeJson', vote);
      if (name.startsWith('y_')) expect(ACCEPTED.has(failure?.code), JSON.stringify(failure)).toBe(true);
      if (name.startsWith('n_')) expect(ACCEPTED.has(failure?.code), JSON.stringify(failure)).toBe(false);
    });
  }
});
