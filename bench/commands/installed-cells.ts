import type { Block } from '../cells/blocks.ts';
import type { Cell } from '../cells/cell.ts';
import { buildPeer, isPeerLanguage, type PeerLanguage } from '../targets/peer-system.ts';
import { runtimeVersion } from '../targets/process/runtimes.ts';

/** The blocks without the cells that this machine cannot run; prints the reason for each omitted cell. */
export function installedBlocks(blocks: readonly Block[], print: (line: string) => void): Block[] {
  const reasons = new Map<string, string | undefined>();
  const missing = (cell: Cell) => {
    const key = `${cell.server} ${cell.runtime}`;
    if (!reasons.has(key)) {
      const reason = whyMissing(cell);
      reasons.set(key, reason);
      if (reason !== undefined) print(`Without ${cell.server} on ${cell.runtime}: ${reason}.`);
    }
    return reasons.get(key) !== undefined;
  };
  return blocks.flatMap((block) => {
    const cells = block.cells.filter((cell) => !missing(cell));
    return cells.length === 0 ? [] : [{ ...block, cells }];
  });
}

function whyMissing({ server, runtime }: Cell): string | undefined {
  if (server === 'peer') return isPeerLanguage(runtime) ? buildPeer(runtime satisfies PeerLanguage) : 'no such peer';
  if (runtime !== 'bun' && runtime !== 'deno') return undefined;
  return runtimeVersion(runtime) === undefined ? `${runtime} is not installed` : undefined;
}
