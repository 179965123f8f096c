import { create, type DescMessage, type DescMethod, toBinary } from '@bufbuild/protobuf';
import { BytesValueSchema } from '@bufbuild/protobuf/wkt';
import type { UniversalHandler, UniversalServerRequest } from '@connectrpc/connect/protocol';
import { isProblem } from '../../../http/problem.ts';
import { frame } from '../framing/frame.ts';
import { messageEncoding } from '../framing/message-encoding.ts';
import { problemError } from '../problem-status.ts';
import { jsonMessage } from './json-message.ts';
import { framedMessages, oneMessage } from './request-messages.ts';

/** The method with its request messages as unparsed protobuf bytes. */
export function rawMethod<Method extends DescMethod>(method: Method): Method & { input: typeof BytesValueSchema } {
  return { ...method, input: BytesValueSchema };
}

interface RawRequestOptions {
  /** The message type, needed for JSON. */
  readonly schema: DescMessage;
  /** The largest message accepted, decompressed. */
  readonly maxBytes: number;
}

/**
 * Wraps each request message in a BytesValue before Connect's router parses it, so that the codec is the only parser of
 * votes: protobuf-es accepts varints of more than 64 bits, and 99 levels of groups instead of 100.
 */
export function withRawRequests(handler: UniversalHandler, options: RawRequestOptions): UniversalHandler {
  const { supportedContentType, allowedMethods, protocolNames, requestPath, service, method } = handler;
  const wrapped = (request: UniversalServerRequest) =>
    handler(isBytes(request.body) ? wrap(request, options) : request);
  return Object.assign(wrapped, {
    supportedContentType,
    allowedMethods,
    protocolNames,
    requestPath,
    service,
    method,
  });
}

type Bytes = AsyncIterable<Uint8Array>;

function isBytes(body: UniversalServerRequest['body']): body is Bytes {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function wrap(request: UniversalServerRequest, options: RawRequestOptions): UniversalServerRequest {
  const type = request.header.get('content-type') ?? '';
  const isUnary = /^application\/(?:proto|json)\s*(?:;|$)/i.test(type);
  const encodingHeader = isUnary ? 'content-encoding' : isConnect(type) ? 'connect-content-encoding' : 'grpc-encoding';
  const encoding = messageEncoding(request.header.get(encodingHeader)?.toLowerCase() || undefined);
  // The router rejects an unknown encoding without reading the body.
  if (encoding === undefined) return request;
  const length = request.header.get('content-length');
  const header = new Headers(request.header);
  header.delete('content-length');
  if (isUnary) header.delete(encodingHeader);
  const put = /json/i.test(type) ? putJson : putProtobuf;
  const body = request.body as Bytes;
  const messages = isUnary
    ? oneMessage(body, encoding, options.maxBytes, length)
    : framedMessages(body, encoding, options.maxBytes);
  return { ...request, header, body: putAll(messages, (message) => put(message, options), isUnary) };
}

function isConnect(type: string): boolean {
  return /^application\/connect\+/i.test(type);
}

async function* putAll(
  messages: AsyncIterable<Uint8Array>,
  put: (message: Uint8Array) => Uint8Array,
  isUnary: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const message of messages) {
    const bytes = put(message);
    yield isUnary ? bytes : frame(bytes);
  }
}

function putProtobuf(value: Uint8Array): Uint8Array {
  return toBinary(BytesValueSchema, create(BytesValueSchema, { value: Uint8Array.from(value) }));
}

function putJson(json: Uint8Array, { schema }: RawRequestOptions): Uint8Array {
  const message = jsonMessage(schema, json);
  if (isProblem(message)) throw problemError(message);
  return Buffer.from(`"${Buffer.from(message).toString('base64')}"`);
}
