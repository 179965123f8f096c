import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatCount, formatShare } from '../../data/format.ts';
import { describeAttributes, type RankedOption } from './ranking.ts';

export interface OptionBarsProps {
  readonly options: readonly RankedOption[];
  readonly total: number;
  /** Show the attributes of the options, such as album and year. */
  readonly details?: boolean;
}

/** One bar per option with its share of all votes, longest first. Animates rows that change places. */
export function OptionBars({ options, total, details = false }: OptionBarsProps) {
  const list = useRef<HTMLOListElement>(null);
  const tops = useRef(new Map<string, number>());
  const order = options.map(({ id }) => id).join(' ');
  // Bars show the share of all votes, the same scale as on the vote page.
  const whole = Math.max(1, total);

  useLayoutEffect(() => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    for (const row of list.current?.children ?? []) {
      if (!(row instanceof HTMLElement)) continue;
      const id = row.dataset.option ?? '';
      const before = tops.current.get(id);
      const now = row.offsetTop;
      tops.current.set(id, now);
      if (calm || before === undefined || before === now) continue;
      row.animate([{ transform: `translateY(${before - now}px)` }, { transform: 'none' }], {
        duration: 450,
        easing: 'cubic-bezier(.2,.7,.2,1)',
      });
    }
  }, [order]);

  return (
    <ol class="bars" ref={list}>
      {options.map((option) => {
        const about = details ? describeAttributes(option) : '';
        return (
          <li key={option.id} data-option={option.id} class="bar-row">
            <span class="bar-label">
              {option.label}
              {about !== '' && <span class="bar-about">{about}</span>}
            </span>
            <span class="bar-figures">
              <span class="bar-count">{formatCount(option.count)}</span>
              <span class="visually-hidden"> votes, </span>
              <span class="bar-share">{formatShare(option.count, total)}</span>
            </span>
            <span class="bar-track" aria-hidden="true">
              <span
                class="bar-fill"
                style={{ '--option': option.colour, transform: `translateX(${(100 * option.count) / whole - 100}%)` }}
              />
            </span>
          </li>
        );
      })}
    </ol>
  );
}
