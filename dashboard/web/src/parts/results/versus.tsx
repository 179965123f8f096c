import { formatShare, plural } from '../../data/format.ts';
import type { RankedOption } from './ranking.ts';

export interface VersusProps {
  /** In the order of the contest, so that options never change sides. */
  readonly options: readonly [RankedOption, RankedOption];
  readonly total: number;
  /** For a card in a grid. */
  readonly compact?: boolean;
}

/** Two options as one bar, split at their shares. */
export function Versus({ options, total, compact = false }: VersusProps) {
  const [left, right] = options;
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
            {total > 0 && <span class="versus-share">{formatShare(option.count, total)}</span>}
            <span class="versus-count">{plural(option.count, 'vote')}</span>
          </li>
        ))}
      </ul>
      {total === 0 ? (
        <p class="beam empty">No votes yet</p>
      ) : (
        <div class="beam" aria-hidden="true">
          <BeamPart option={left} total={total} />
          <BeamPart option={right} total={total} />
        </div>
      )}
    </div>
  );
}

function BeamPart({ option, total }: { option: RankedOption; total: number }) {
  // A side without votes keeps a sliver, so that both are visible.
  return (
    <span class="beam-part" style={{ '--option': option.colour, flexGrow: Math.max(option.count / total, 0.004) }} />
  );
}
