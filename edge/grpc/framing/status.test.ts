import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { Code } from '@connectrpc/connect';
import { ErrorInfoSchema } from '../../../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../../proto/gen/google/rpc/status_pb.ts';
import { statusTrailers } from './status.ts';

test('a message is percent-encoded where a header could not carry it', () => {
  const cases = { 'a plain one!': 'a plain one!', '100 %': '100 %25', 'é\n': '%C3%A9%0A', '~\x7f': '~%7F' };
  for (const [message, encoded] of Object.entries(cases)) {
    assert.equal(statusTrailers({ code: Code.Internal, message })['grpc-message'], encoded);
  }
});

test('details go out as an unpadded google.rpc.Status', () => {
  const info = create(ErrorInfoSchema, { reason: 'ERROR_CODE_X', domain: 'votewire.v1' });
  const trailers = statusTrailers({ code: Code.NotFound, message: 'no', details: [anyPack(ErrorInfoSchema, info)] });
  const bytes = trailers['grpc-status-details-bin'] ?? '';
  assert.doesNotMatch(bytes, /=/);
  const status = fromBinary(StatusSchema, Buffer.from(bytes, 'base64'));
  assert.equal(status.code, Code.NotFound);
  assert.equal(status.message, 'no');
  const [detail] = status.details;
  assert.deepEqual(detail && anyUnpack(detail, ErrorInfoSchema), info);
});
