/** A way to hold the system up. */
export interface Attack {
  readonly name: string;
  readonly target: 'edge' | 'dashboard';
  /** The code with which each of its HTTP/2 connections must be ended; undefined: they need not be ended. */
  readonly code?: number;
  /** Attacks the port until `stopped`; resolves to the codes with which connections were ended. */
  run(port: number, stopped: () => boolean): Promise<readonly (number | undefined)[]>;
}
