import { expect, test } from 'vitest';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import { errorReason, errorRow, problemCode } from './error-table.ts';

test('every error code has a row and a stable name', () => {
  for (const [name, code] of Object.entries(ErrorCode)) {
    if (typeof code !== 'number' || code === ErrorCode.UNSPECIFIED) continue;
    expect(errorRow(code).http, name).toSatisfy((status: number) => (code === ErrorCode.INTERNAL) === (status === 500));
    expect(problemCode(code)).toBe(name.toLowerCase());
    expect(errorReason(code)).toBe(`ERROR_CODE_${name}`);
  }
});

test('an unknown code from a newer version counts as an internal error', () => {
  expect(problemCode(9999 as ErrorCode)).toBe('internal');
  expect(errorRow(9999 as ErrorCode).http).toBe(500);
});
