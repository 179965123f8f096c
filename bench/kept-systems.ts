import type { System, SystemAudit } from './system/system.ts';

/** Systems that are measured more than once, by the variant's id. */
export interface KeptSystems extends AsyncDisposable {
  get(variant: string): System | undefined;
}

/**
 * Starts a system for each of `keys` and keeps it.
 *
 * A system that does not start is left out: whoever measures it starts it again, and reports why it fails.
 */
export async function keepSystems<K extends { readonly id: string }>(
  keys: readonly K[],
  start: (key: K) => Promise<System>,
): Promise<KeptSystems> {
  const systems = new Map<string, System>();
  for (const key of keys) {
    const system = await start(key).catch(() => undefined);
    if (system !== undefined) systems.set(key.id, forRounds(system));
  }
  return {
    get: (variant) => systems.get(variant),
    async [Symbol.asyncDispose]() {
      await Promise.all([...systems.values()].map((system) => system[Symbol.asyncDispose]()));
    },
  };
}

/** The same system with an audit of what came since the last one. */
function forRounds(system: System): System {
  let before: SystemAudit = { stored: 0, counted: 0, trimmed: 0, stuck: '' };
  const { audit } = system;
  return {
    ...system,
    get acknowledgedBefore() {
      return before.stored === 0 ? system.acknowledgedBefore : 0;
    },
    audit:
      audit === undefined
        ? undefined
        : async () => {
            const all = await audit();
            const since = { ...all, stored: all.stored - before.stored, counted: all.counted - before.counted };
            before = all;
            return since;
          },
  };
}
