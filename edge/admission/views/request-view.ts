/** The parts of a request or call that admission needs, on any server. */
export interface RequestView {
  /** The address of the connection's peer. */
  readonly peer: string;
  /** The value of a header, by its lower-case name. */
  header(name: string): string | undefined;
}
