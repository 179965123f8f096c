const MAX_ID = 64;

/** The id of a new contest: its title, or a random id if the title has no Latin letters or digits. */
export function contestId(title: string, taken: readonly string[]): string {
  return freeId(toId(title) || `contest-${Math.random().toString(36).slice(2, 8)}`, new Set(taken));
}

interface NamedOption {
  readonly id: string;
  readonly label: string;
  readonly fixed: boolean;
}

/** The id of each option: its saved id, or one derived from its label. */
export function optionIds(options: readonly NamedOption[]): string[] {
  const taken = new Set(options.filter(({ fixed }) => fixed).map(({ id }) => id));
  return options.map(({ id, label, fixed }, index) => {
    if (fixed) return id;
    const own = freeId(toId(label) || `option-${index + 1}`, taken);
    taken.add(own);
    return own;
  });
}

function freeId(id: string, taken: ReadonlySet<string>): string {
  for (let n = 2, free = id; ; n++) {
    if (!taken.has(free)) return free;
    free = `${id.slice(0, MAX_ID - `-${n}`.length)}-${n}`;
  }
}

/** Converts a label to an id: letters without accents, hyphens between words. Empty if no character can be kept. */
function toId(label: string): string {
  const plain = label.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_ID);
}
