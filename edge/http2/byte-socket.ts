/** The transport that a connection needs: `node:net` on every runtime today, possibly `Deno.listen` or `Bun.listen`. */
export interface ByteSocket {
  /** Empty if unknown. */
  readonly remoteAddress: string;
  /** Bytes given to `write` that the operating system has not accepted yet. */
  readonly unsentBytes: number;
  /** Sends the chunks in order. Returns true if they have been sent and their memory may be reused. */
  write(chunks: readonly Buffer[]): boolean;
  /** Stops reading, so that the peer's output waits in the peer. */
  pause(): void;
  resume(): void;
  /** Sends the remaining bytes, then closes this side. */
  end(): void;
  destroy(): void;
  /** Delivers events to `events` from now on. */
  start(events: ByteSocketEvents): void;
}

export interface ByteSocketEvents {
  /** The chunk's memory is not reused. */
  received(chunk: Buffer): void;
  /** Everything written has been sent, after a `write` that returned false. */
  drained(): void;
  /** The peer has closed its side. */
  ended(): void;
  /** Called once; nothing follows. */
  closed(): void;
}
