import { expect, test } from 'vitest';
import { voteFormat, wrongMediaType } from './vote-format.ts';

test('derives the format from the content type, whatever its case and parameters', () => {
  const rows: [type: string | undefined, coding: string | undefined, format: string | undefined][] = [
    ['application/json', undefined, 'json'],
    ['Application/JSON; charset="UTF-8"', undefined, 'json'],
    ['application/json;charset=utf8', 'Identity', 'json'],
    ['application/x-ndjson', '', 'ndjson'],
    ['application/ndjson; x="a;b"', undefined, 'ndjson'],
    ['application/protobuf', undefined, 'protobuf'],
    ['application/x-protobuf', undefined, 'protobuf'],
    ['application/protobuf; proto="votewire.v1.Vote"', undefined, 'vote'],
    ['application/protobuf;proto=votewire.v1.CastVotesRequest', undefined, 'protobuf'],
    ['application/x-www-form-urlencoded', undefined, 'form'],
    ['application/json; charset=utf-16', undefined, undefined],
    ['application/json', 'gzip', undefined],
    ['application/json', 'identity, gzip', undefined],
    ['application/jsonx', undefined, undefined],
    ['text/plain', undefined, undefined],
    [undefined, undefined, undefined],
  ];
  for (const [type, coding, format] of rows) expect(voteFormat(type, coding), `${type} ${coding}`).toBe(format);
});

test('415 names the accepted codings or content types', () => {
  expect(wrongMediaType('application/json', 'gzip').headers).toStrictEqual({ 'accept-encoding': 'identity' });
  expect(wrongMediaType('text/plain', undefined).headers?.['accept-post']).toMatch(/^application\/json, /);
  expect(wrongMediaType(undefined, undefined).detail).toMatch(/got none$/);
});
