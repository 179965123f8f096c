import { create, fromBinary } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { Code } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../../proto/gen/google/rpc/status_pb.ts';
import { statusTrailers } from './status.ts';

test('percent-encodes characters that a header cannot contain', () => {
  const cases = { 'a plain one!': 'a plain one!', '100 %': '100 %25', 'é\n': '%C3%A9%0A', '~\x7f': '~%7F' };
  for (const [message, encoded] of Object.entries(cases)) {
    expect(statusTrailers({ code: Code.Internal, message })['grpc-message']).toBe(encoded);
  }
});

test('encodes details as an unpadded google.rpc.Status', () => {
  const info = create(ErrorInfoSchema, { reason: 'ERROR_CODE_X', domain: 'votewire.v1' });
  const trailers = statusTrailers({ code: Code.NotFound, message: 'no', details: [anyPack(ErrorInfoSchema, info)] });
  const bytes = trailers['grpc-status-details-bin'] ?? '';
  expect(bytes).not.toMatch(/=/);
  const status = fromBinary(StatusSchema, Buffer.from(bytes, 'base64'));
  expect(status.code).toBe(Code.NotFound);
  expect(status.message).toBe('no');
  const [detail] = status.details;
  expect(detail && anyUnpack(detail, ErrorInfoSchema)).toStrictEqual(info);
});
