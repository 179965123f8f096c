/** A proxy in front of an edge, with default settings but for the addresses. */
export interface FrontProxy extends AsyncDisposable {
  readonly name: string;
  /** HTTP/1.1 to the proxy and to the edge. */
  readonly httpUrl: string;
  /** HTTP/2 to the proxy and to the edge, as gRPC needs. */
  readonly grpcUrl: string;
  /** Whether the proxy's health checks of the edge pass, each by its name; a proxy without any watches for failures. */
  health(): Promise<Readonly<Record<string, boolean>>>;
}

/** A kind of proxy, and how to start it. */
export interface ProxyKind {
  readonly name: string;
  /** Why it cannot run here; false: it can. */
  readonly missing: string | false;
  /** The smallest of its default timeouts that a quiet answer meets, in milliseconds. */
  readonly silenceMs: number;
  /**
   * @param dir for its files
   * @param address of the edge, `host:port`
   */
  start(dir: string, address: string): Promise<FrontProxy>;
}
