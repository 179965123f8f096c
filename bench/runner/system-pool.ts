import type { System, SystemAudit } from '../targets/system.ts';

/** Systems that are measured more than once, by the variant's id. */
export interface SystemPool extends AsyncDisposable {
  /** The system for a variant, started at the first call. */
  get(id: string, start: () => Promise<System>): Promise<System>;
}

/** Keeps what it starts until it is disposed. */
export function keepSystems(): SystemPool {
  const systems = new Map<string, System>();
  return {
    async get(id, start) {
      const known = systems.get(id);
      if (known !== undefined) return known;
      const system = forRounds(await start());
      systems.set(id, system);
      return system;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...systems.values()].map((system) => system[Symbol.asyncDispose]()));
    },
  };
}

/** The same system with an audit of what came since the last one. */
function forRounds(system: System): System {
  let before: SystemAudit = { stored: 0, counted: 0, shown: 0, due: 0, trimmed: 0, stuck: '' };
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
