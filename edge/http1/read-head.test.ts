import { describe, expect, test } from 'vitest';
import { HTTP1_LIMITS } from './limits.ts';
import { readHead } from './read-head.ts';

const LINE = 'POST /v1/votes HTTP/1.1\r\n';
const HOST = 'Host: localhost:8080\r\n';
const TYPE = 'Content-Type: application/json\r\n';
const LENGTH = 'Content-Length: 12\r\n';
const read = (text: string) => readHead(Buffer.from(text, 'latin1'), 0, HTTP1_LIMITS);

test('reads a head of the subset', () => {
  const text = `${LINE}${HOST}User-Agent: curl/8.0 (x)\r\n${TYPE}authorization:Bearer abc\r\nX-Forwarded-For: ::1, 10.0.0.1\r\nTraceParent: 00-a\r\nX-Request-ID: r-1\r\nConnection: Keep-Alive\r\n${LENGTH}\r\n`;
  expect(read(text)).toEqual({
    query: '',
    contentType: 'application/json',
    contentLength: 12,
    authorization: 'Bearer abc',
    forwardedFor: '::1, 10.0.0.1',
    traceparent: '00-a',
    requestId: 'r-1',
    end: text.length,
  });
  expect(read(`POST /v1/votes?wait=counted HTTP/1.1\r\n${HOST}${TYPE}${LENGTH}\r\n`)).toMatchObject({
    query: 'wait=counted',
  });
  expect(read(`POST /v1/votes?outcomes=each HTTP/1.1\r\n${HOST}${TYPE}${LENGTH}\r\n`)).toMatchObject({
    query: 'outcomes=each',
  });
});

test('every prefix of a head is incomplete', () => {
  const text = `${LINE}${HOST}${TYPE}${LENGTH}\r\n`;
  for (let length = 0; length < text.length; length++)
    expect(read(text.slice(0, length)), `${length}`).toBe('incomplete');
  for (const query of ['wait=counted', 'outcomes=each']) {
    const line = `POST /v1/votes?${query} HTTP/1.1\r\n`;
    for (let length = 0; length < line.length; length++)
      expect(read(line.slice(0, length)), `${length}`).toBe('incomplete');
  }
});

describe('any other head is foreign', () => {
  test.each([
    ['another method', `PUT /v1/votes HTTP/1.1\r\n${HOST}${TYPE}${LENGTH}\r\n`],
    ['a method in lower case', `post /v1/votes HTTP/1.1\r\n`],
    ['another path', 'POST /v1/vote HTTP/1.1\r\n'],
    ['a longer path', 'POST /v1/votes/ HTTP/1.1\r\n'],
    ['another query', 'POST /v1/votes?wait=true HTTP/1.1\r\n'],
    ['other outcomes', 'POST /v1/votes?outcomes=all HTTP/1.1\r\n'],
    ['an absolute URL', 'POST http://h/v1/votes HTTP/1.1\r\n'],
    ['HTTP/1.0', 'POST /v1/votes HTTP/1.0\r\n'],
    ['two spaces', 'POST  /v1/votes HTTP/1.1\r\n'],
    ['an empty line before it', `\r\n${LINE}`],
    ['a bare line feed after the request line', 'POST /v1/votes HTTP/1.1\n'],
    ['a bare line feed after a header', `${LINE}Host: h\n${TYPE}${LENGTH}\r\n`],
    ['a bare carriage return', `${LINE}Host: h\rx\r\n`],
    ['a bare line feed at the end', `${LINE}${HOST}${TYPE}${LENGTH}\r\r`],
    ['no host', `${LINE}${TYPE}${LENGTH}\r\n`],
    ['no type', `${LINE}${HOST}${LENGTH}\r\n`],
    ['no length', `${LINE}${HOST}${TYPE}\r\n`],
    ['two hosts', `${LINE}${HOST}${HOST}`],
    ['two lengths', `${LINE}${LENGTH}${LENGTH}`],
    ['two lengths that differ in case', `${LINE}${LENGTH}${LENGTH.toUpperCase()}`],
    ['a duplicate name', `${LINE}X-A: 1\r\nx-a: 2\r\n`],
    ['a length with a sign', `${LINE}Content-Length: +1\r\n`],
    ['a length in hexadecimal', `${LINE}Content-Length: 0x1\r\n`],
    ['a length with a leading zero', `${LINE}Content-Length: 01\r\n`],
    ['a list of lengths', `${LINE}Content-Length: 1, 1\r\n`],
    ['a length that is too long', `${LINE}Content-Length: 12345678\r\n`],
    ['an empty length', `${LINE}Content-Length: \r\n`],
    ['transfer-encoding', `${LINE}Transfer-Encoding: identity\r\n`],
    ['content-encoding', `${LINE}Content-Encoding: gzip\r\n`],
    ['expect', `${LINE}Expect: 100-continue\r\n`],
    ['upgrade', `${LINE}Upgrade: h2c\r\n`],
    ['origin', `${LINE}Origin: http://localhost\r\n`],
    ['cookie', `${LINE}Cookie: a=b\r\n`],
    ['connection: close', `${LINE}Connection: close\r\n`],
    ['connection with a list', `${LINE}Connection: keep-alive, upgrade\r\n`],
    ['a space before the colon', `${LINE}Host : h\r\n`],
    ['a name with an underscore', `${LINE}Content_Length: 1\r\n`],
    ['an empty name', `${LINE}: h\r\n`],
    ['an empty value', `${LINE}Host:\r\n`],
    ['two spaces before a value', `${LINE}Host:  h\r\n`],
    ['a space after a value', `${LINE}Host: h \r\n`],
    ['a tab', `${LINE}X: a\tb\r\n`],
    ['a folded line', `${LINE}X: a\r\n b\r\n`],
    ['a byte that is not ASCII', `${LINE}X: \xe9\r\n`],
    ['a zero', `${LINE}X: \0\r\n`],
    ['a host with a space', `${LINE}Host: a b\r\n`],
    ['a host with a path', `${LINE}Host: a/b\r\n`],
    ['more headers than the limit', `${LINE}${Array.from({ length: 40 }, (_, i) => `x${i}: y\r\n`).join('')}`],
    ['a too large head', `${LINE}X: ${'y'.repeat(16_384)}`],
  ])('%s', (_name, text) => {
    expect(read(text)).toBe('foreign');
  });
});
