import { errorRow } from '../../http/error-table.ts';
import type { Problem } from '../../http/problem.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import type { CastEachOutcome, CastManyOutcome, CastOutcome, Ingress, Sender } from '../vote/ingress.ts';
import type { EdgeTracing } from './edge-tracing.ts';
import type { RequestTrace } from './request-trace.ts';
import { endRpc } from './rpc-span.ts';

/** The ingress of one call, with a span for each sampled cast. */
export class TracedCallIngress implements Ingress {
  readonly #ingress: Ingress;
  readonly #tracing: EdgeTracing;
  readonly #start: () => RequestTrace | undefined;

  constructor(ingress: Ingress, tracing: EdgeTracing, start: () => RequestTrace | undefined) {
    this.#ingress = ingress;
    this.#tracing = tracing;
    this.#start = start;
  }

  castOne(sender: Sender, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void {
    this.#trace((ended: (outcome: CastOutcome) => void) => this.#ingress.castOne(sender, encoded, wait, ended), done);
  }

  castMany(sender: Sender, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void {
    this.#trace((ended: (outcome: CastManyOutcome) => void) => this.#ingress.castMany(sender, encoded, ended), done);
  }

  castEach(sender: Sender, encoded: EncodedVotes, done: (outcome: CastEachOutcome) => void): void {
    this.#trace((ended: (outcome: CastEachOutcome) => void) => this.#ingress.castEach(sender, encoded, ended), done);
  }

  #trace<Outcome extends { readonly ok: true } | { readonly ok: false; readonly problem: Problem }>(
    cast: (ended: (outcome: Outcome) => void) => void,
    done: (outcome: Outcome) => void,
  ): void {
    const trace = this.#start();
    if (trace === undefined) {
      cast(done);
      return;
    }
    this.#tracing.run(trace, () =>
      cast((outcome) => {
        endRpc(trace, outcome.ok ? undefined : errorRow(outcome.problem.code).grpc);
        done(outcome);
      }),
    );
  }
}
