import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows rendered beyond the visible ones on each side. */
const OVERSCAN = 16;
/** Row height in pixels before the first measurement. */
const GUESSED_HEIGHT = 48;
/** Shorter lists are rendered completely. */
const SMALL = 60;

export interface RowWindow {
  readonly from: number;
  readonly to: number;
  /** Total heights in pixels of the rows left out above and below. */
  readonly above: number;
  readonly below: number;
}

/**
 * The visible part of a long list, computed from the average height of the rendered rows, at most once per frame while
 * the page scrolls.
 */
export function useWindow(count: number, list: RefObject<HTMLElement | null>, rows: string): RowWindow {
  const height = useRef(GUESSED_HEIGHT);
  const [view, setView] = useState({ top: 0, size: 900 });
  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const top = Math.max(0, -(list.current?.getBoundingClientRect().top ?? 0));
      setView((before) =>
        Math.abs(before.top - top) < 1 && before.size === innerHeight ? before : { top, size: innerHeight },
      );
    };
    const later = () => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', later, { passive: true });
    addEventListener('resize', later);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', later);
      removeEventListener('resize', later);
    };
  }, [list]);
  useLayoutEffect(() => {
    const shown = list.current?.querySelectorAll<HTMLElement>(rows);
    if (shown === undefined || shown.length === 0) return;
    const [first, last] = [shown[0]?.getBoundingClientRect(), shown[shown.length - 1]?.getBoundingClientRect()];
    if (first !== undefined && last !== undefined) height.current = (last.bottom - first.top) / shown.length;
  });
  if (count <= SMALL) return { from: 0, to: count, above: 0, below: 0 };
  const from = Math.max(0, Math.min(count, Math.floor(view.top / height.current)) - OVERSCAN);
  const to = Math.min(count, Math.ceil((view.top + view.size) / height.current) + OVERSCAN);
  return { from, to, above: from * height.current, below: (count - to) * height.current };
}
