import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

/** A command as the driver sends it: `{ createIndexes: 'entries', … }`. */
export type MongoCommand = BSON.Document;

/**
 * A server with MongoDB's wire protocol that stores nothing and gives scripted answers, for errors that a real server
 * cannot be made to return.
 */
export interface FakeMongo extends AsyncDisposable {
  readonly url: string;
  /**
   * Answers every command except the handshake and the read of the schema version, which finds none. Default: `{ ok: 1
   * }`.
   */
  answer: (name: string, command: MongoCommand) => BSON.Document;
  /** Connections that are open now. */
  readonly open: number;
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const NO_SCHEMA = { ok: 1, cursor: { id: 0n, ns: 'test.meta', firstBatch: [] } };

/** Starts the primary of a replica set with one member. */
export async function startFakeMongo(): Promise<FakeMongo> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that resets the connection has left; 'close' handles it.
    socket.on('error', () => socket.destroy());
    let unread = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= HEADER_BYTES && unread.length >= unread.readInt32LE(0)) {
        const length = unread.readInt32LE(0);
        socket.write(reply(unread.subarray(0, length)));
        unread = unread.subarray(length);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hello = {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    setName: 'rs0',
    setVersion: 1,
    hosts: [address],
    me: address,
    primary: address,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: 21,
    ok: 1,
  };

  const reply = (message: Buffer): Buffer => {
    const asked = message.readInt32LE(4);
    if (message.readInt32LE(12) === OP_QUERY) {
      const head = Buffer.alloc(20);
      head.writeInt32LE(1, 16);
      return frame(asked, OP_REPLY, Buffer.concat([head, BSON.serialize(hello)]));
    }
    // Skips the flags and the kind of the first section, which is 0; further sections are ignored.
    const start = HEADER_BYTES + 5;
    const command = BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)));
    const name = Object.keys(command)[0] ?? '';
    const isHello = name === 'hello' || name === 'ismaster';
    const answer = isHello ? hello : command.find === 'meta' ? NO_SCHEMA : mongo.answer(name, command);
    return frame(asked, OP_MSG, Buffer.concat([Buffer.alloc(5), BSON.serialize(answer)]));
  };

  const mongo: FakeMongo = {
    url: `mongodb://${address}/test?replicaSet=rs0`,
    answer: () => ({ ok: 1 }),
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return mongo;
}

function frame(answersTo: number, opcode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + body.length, 0);
  header.writeInt32LE(answersTo, 8);
  header.writeInt32LE(opcode, 12);
  return Buffer.concat([header, body]);
}
