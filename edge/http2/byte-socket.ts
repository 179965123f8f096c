/** What a connection needs of a transport: `node:net` on each runtime today, `Deno.listen` or `Bun.listen` if wanted. */
export interface ByteSocket {
  /** Empty if unknown. */
  readonly remoteAddress: string;
  /** Bytes that were given to `write` and that the operating system has not taken. */
  readonly unsentBytes: number;
  /** Sends the chunks in order. True: they have been sent and their memory may be used again. */
  write(chunks: readonly Buffer[]): boolean;
  /** Stops reading, so that the peer's output waits in the peer. */
  pause(): void;
  resume(): void;
  /** Sends what is left, then closes this side. */
  end(): void;
  destroy(): void;
  /** Events go to `events` from now on. */
  start(events: ByteSocketEvents): void;
}

export interface ByteSocketEvents {
  /** The chunk's memory is not used again. */
  received(chunk: Buffer): void;
  /** All that was written has been sent, after a time when it was not. */
  drained(): void;
  /** The peer has closed its side. */
  ended(): void;
  /** Called once; nothing follows. */
  closed(): void;
}
