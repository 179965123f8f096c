import type { Socket } from 'node:net';

/**
 * A request has at least 26 bytes, from which `node:http` creates about 5 KB of objects. Objects of many waiting requests
 * outlive V8's collections of young objects.
 */
const PIECE_BYTES = 256;

/**
 * Reads a socket in pieces for a `node:http` server, which otherwise parses up to 64 KB at once, thousands of pipelined
 * requests, and after each of them resumes a socket that others have paused. Create it after the server got the socket.
 */
export class PieceReader {
  readonly #socket: Socket;
  readonly #parse: (bytes: Buffer) => void;
  readonly #pause: () => Socket;
  readonly #resume: () => Socket;
  #held = false;
  /** At least this many bytes of a request's body are still to come. */
  #bodyBytes = 0;
  #pausedByServer = false;

  constructor(socket: Socket) {
    const [parse] = socket.listeners('data') as ((bytes: Buffer) => void)[];
    if (parse === undefined) throw new Error('Cannot read a socket in pieces: its server does not listen to "data"');
    this.#socket = socket;
    this.#parse = parse.bind(socket);
    this.#pause = socket.pause.bind(socket);
    this.#resume = socket.resume.bind(socket);
    socket.pause = () => {
      this.#pausedByServer = true;
      return this.#pause();
    };
    socket.resume = () => {
      this.#pausedByServer = false;
      return this.#held ? socket : this.#resume();
    };
    socket.off('data', parse);
    socket.on('data', this.#onData);
  }

  /** Called for each request with its Content-Length. No request can begin in a body, so a body is parsed at once. */
  expectBody(bytes: number): void {
    this.#bodyBytes = bytes;
  }

  /** Parses nothing after the current piece until `release`. */
  hold(): void {
    this.#held = true;
    this.#pause();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (!this.#pausedByServer) this.#resume();
  }

  readonly #onData = (bytes: Buffer) => {
    const socket = this.#socket;
    // A socket that is not writable was closed, or ended by an answer with `Connection: close`.
    for (let at = 0; at < bytes.length && socket.writable; ) {
      if (socket.isPaused()) {
        // Emitted again, before later bytes.
        socket.unshift(bytes.subarray(at));
        return;
      }
      const size = Math.max(PIECE_BYTES, this.#bodyBytes);
      const piece = at === 0 && bytes.length <= size ? bytes : bytes.subarray(at, at + size);
      this.#parse(piece);
      at += piece.length;
      // The whole piece may have been body.
      this.#bodyBytes = Math.max(0, this.#bodyBytes - piece.length);
    }
  };
}
