import type { ComponentChildren } from 'preact';

export interface ScrollRegionProps {
  /** What is in it; for who does not see it. */
  readonly label: string;
  readonly short?: boolean;
  readonly children: ComponentChildren;
}

/** Something wider or longer than its place, as a table on a phone. */
export function ScrollRegion({ label, short = false, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, a keyboard could not scroll there
    <section class={short ? 'table-scroll short' : 'table-scroll'} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
