import { formatShare, plural } from '../data/format.ts';
import type { RankedOption } from './ranking.ts';

export interface VersusProps {
  /** In the contest's own order, so that nobody changes sides. */
  readonly options: readonly [RankedOption, RankedOption];
  readonly total: number;
  /** For a card among others. */
  readonly compact?: boolean;
}

/** Two options against each other: one beam, and where it splits. */
export function Versus({ options, total, compact = false }: VersusProps) {
  const [left, right] = options;
  const share = total === 0 ? 0.5 : left.count / total;
  return (
    <div class={compact ? 'versus compact' : 'versus'}>
      <ul class="versus-sides">
        {options.map((option) => (
          <li
            key={option.id}
            class="versus-side"
            data-leads={option.count * 2 > total}
            style={{ '--option': option.colour }}
          >
            <span class="versus-label">{option.label}</span>
            <span class="versus-share">{formatShare(option.count, total)}</span>
            <span class="versus-count">{plural(option.count, 'vote')}</span>
          </li>
        ))}
      </ul>
      <div class="beam" aria-hidden="true">
        <span class="beam-part" style={{ '--option': left.colour, flexGrow: Math.max(share, 0.004) }} />
        <span class="beam-part" style={{ '--option': right.colour, flexGrow: Math.max(1 - share, 0.004) }} />
      </div>
    </div>
  );
}
