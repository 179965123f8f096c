import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, type Metadata, type ServiceError } from '@grpc/grpc-js';

/** For tests: grpc-js without generated stubs, as most Node services call gRPC. */
export function grpcJsClient(port: number, options = {}): Client {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
}

export const serializer =
  <Desc extends DescMessage>(schema: Desc) =>
  (message: MessageInitShape<Desc>): Buffer =>
    Buffer.from(toBinary(schema, create(schema, message)));

export const deserializer =
  <Desc extends DescMessage>(schema: Desc) =>
  (bytes: Buffer): MessageShape<Desc> =>
    fromBinary(schema, bytes);

interface RawUnary {
  readonly path: string;
  readonly request: Buffer;
  readonly deadlineMs?: number;
}

type RawOutcome = { readonly response: Buffer } | { readonly error: ServiceError; readonly metadata: Metadata };

/** One call with raw message bytes. */
export function callRaw(client: Client, { path, request, deadlineMs }: RawUnary): Promise<RawOutcome> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      request,
      deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
      (error, response) => {
        if (error !== null) resolve({ error, metadata: error.metadata });
        else resolve({ response: response ?? Buffer.alloc(0) });
      },
    );
  });
}
