import type { ComponentChildren } from 'preact';

export interface ScrollRegionProps {
  /** The accessible name. */
  readonly label: string;
  readonly short?: boolean;
  readonly children: ComponentChildren;
}

/** A region that scrolls, such as a wide table on a phone. */
export function ScrollRegion({ label, short = false, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards could not scroll it otherwise
    <section class={short ? 'table-scroll short' : 'table-scroll'} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
