import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Intake } from '../../store/monitoring/ledger.ts';
import { Transport } from './transport.ts';

/** The edge's columns of the ledger, per transport. Plain numbers, because a metrics library would slow every vote. */
interface TransportCounters {
  /** Votes received, whatever their outcome. */
  offered: number;
  /** Acknowledged: Redis confirmed them. */
  accepted: number;
  /** Sent to Redis without an answer; they may be counted. */
  unknown: number;
  /** Votes that were certainly not stored, by code. */
  readonly rejected: Map<ErrorCode, number>;
}

export const COUNTED_TRANSPORTS = [
  { transport: Transport.HTTP, name: 'http' },
  { transport: Transport.GRPC, name: 'grpc' },
  { transport: Transport.CONNECT, name: 'connect' },
] as const;

export class EdgeCounters {
  readonly #counters: TransportCounters[] = Array.from({ length: 4 }, () => ({
    offered: 0,
    accepted: 0,
    unknown: 0,
    rejected: new Map(),
  }));

  of(transport: Transport): TransportCounters {
    return this.#counters[transport] as TransportCounters;
  }

  rejected(transport: Transport, code: ErrorCode, votes: number): void {
    const { rejected } = this.of(transport);
    rejected.set(code, (rejected.get(code) ?? 0) + votes);
  }

  /** Sums over all transports. `refused` is the ledger's name for rejected votes. */
  totals(): Intake {
    const totals = { offered: 0, accepted: 0, refused: 0, unknown: 0 };
    for (const counters of this.#counters) {
      totals.offered += counters.offered;
      totals.accepted += counters.accepted;
      totals.unknown += counters.unknown;
      for (const votes of counters.rejected.values()) totals.refused += votes;
    }
    return totals;
  }
}
