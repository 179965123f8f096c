import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { IngressSystem, type IngressVariant } from './ingress/ingress-system.ts';
import { testOutages } from './ingress/outage-tests.ts';
import { testTransport } from './ingress/transport-tests.ts';

/** What every transport does alike, against a real edge process and a real Redis that fails and recovers. */
export function testIngress(name: string, variant: IngressVariant): void {
  describe(name, () => {
    const system = new IngressSystem(variant);
    beforeAll(() => system.start());
    afterAll(() => system[Symbol.asyncDispose]());

    for (const transport of Object.keys(variant.clients)) testTransport(system, transport);
    testOutages(system);

    test('a stop finishes what was accepted, over every transport at once', async () => {
      await using stopping = await system.startEdge();
      const contest = await system.openContest();
      await waitFor(async () => (await fetch(`${stopping.httpUrl}/v1/contests/${contest}`)).ok);
      const own = await system.connect(stopping);
      const castAll = (name: string, wait: boolean) =>
        own.flatMap((client, from) =>
          Array.from({ length: 12 }, (_, i) =>
            client.cast({ contest, choice: 'a', voter: `${name}-${from}-${i}` }, wait),
          ),
        );
      // Opens the connections: a stop refuses those that are not accepted yet.
      await Promise.all(castAll('first', false));
      const casts = castAll('last', true);
      await Promise.race(casts);
      const { code, ms } = await stopping.stop();
      expect(code, stopping.output()).toBe(0);
      expect(ms, `${ms} ms`).toBeLessThan(8000);
      const failed = (await Promise.allSettled(casts)).filter(({ status }) => status === 'rejected');
      for (const client of own) client[Symbol.dispose]();
      expect(failed).toStrictEqual([]);
    });
  });
}
