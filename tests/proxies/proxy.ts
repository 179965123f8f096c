/** A proxy in front of an edge, with default settings except for the addresses. */
export interface FrontProxy extends AsyncDisposable {
  readonly name: string;
  /** HTTP/1.1 to the proxy and to the edge. */
  readonly httpUrl: string;
  /** HTTP/2 to the proxy and to the edge, as required by gRPC. */
  readonly grpcUrl: string;
  /** Whether each health check of the edge passes, by name; a proxy without health checks watches for failures. */
  health(): Promise<Readonly<Record<string, boolean>>>;
}

/** A kind of proxy, and how to start it. */
export interface ProxyKind {
  readonly name: string;
  /** Why it cannot run here; false if it can. */
  readonly missing: string | false;
  /** The shortest of its default timeouts that applies to a quiet answer, in milliseconds. */
  readonly silenceMs: number;
  /**
   * @param dir folder for its files
   * @param address `host:port` of the edge
   */
  start(dir: string, address: string): Promise<FrontProxy>;
}
