import type { System, SystemAudit } from '../targets/system.ts';

/** Systems that are measured in several rounds, by variant id; all end when the pool is disposed. */
export class SystemPool implements AsyncDisposable {
  readonly #systems = new Map<string, System>();

  /** The system of a variant, started at the first call. */
  async get(id: string, start: () => Promise<System>): Promise<System> {
    const known = this.#systems.get(id);
    if (known !== undefined) return known;
    const system = forRounds(await start());
    this.#systems.set(id, system);
    return system;
  }

  async [Symbol.asyncDispose]() {
    await Promise.all([...this.#systems.values()].map((system) => system[Symbol.asyncDispose]()));
  }
}

/** The same system; each audit covers the time since the previous one. */
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
