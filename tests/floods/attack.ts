/** An attack on the availability of the system. */
export interface Attack {
  readonly name: string;
  readonly target: 'edge' | 'dashboard';
  /** The error code that must end each of its HTTP/2 connections; undefined: they need not be ended. */
  readonly code?: number;
  /** Attacks the port until `stopped`; resolves to the codes that ended its connections. */
  run(port: number, stopped: () => boolean): Promise<readonly (number | undefined)[]>;
}
