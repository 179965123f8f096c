import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced `sh` block of a Markdown file. */
export interface ShellBlock {
  /** Line of its first command, from 1. */
  readonly line: number;
  readonly text: string;
  /** True if it is marked ```` ```sh checked ````; the tests then run it against a running system. */
  readonly checked: boolean;
  /** Programs it needs besides curl and npm, listed after `checked`. */
  readonly needs: readonly string[];
}

export function readShellBlocks(root: string, file: string): ShellBlock[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(/^```sh(.*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [checked, ...needs] = (match[1] ?? '').trim().split(/\s+/);
    return {
      line: source.slice(0, match.index).split('\n').length + 1,
      text: match[2] ?? '',
      checked: checked === 'checked',
      needs,
    };
  });
}
