/** Maps values to per cent of a plot's width: SVG with per cent coordinates scales without stretching its marks. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number above the largest value. */
export function linearScale(values: readonly number[]): Scale {
  const largest = Math.max(...values.filter(Number.isFinite), 1e-9);
  const step = niceStep(largest / 4);
  const end = Math.ceil((largest * 1.02) / step) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  return { at: (value) => clamp((value / end) * 100), ticks };
}

/** Logarithmic, over the values' range, with ticks at 1, 2 and 5 times powers of ten. */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const low = Math.min(...positive) / 1.15;
  const high = Math.max(...positive) * 1.15;
  return between(low, high);
}

/** Logarithmic around 1, as far to the left as to the right: for ratios. */
export function ratioScale(values: readonly number[]): Scale {
  const far = Math.max(1.25, ...values.filter(Number.isFinite).flatMap((value) => [value, 1 / value])) * 1.08;
  // Where the range is wide, the ticks around 1 would write over each other on a phone.
  const near = far < 2.5 ? [0.67, 0.8, 1.25, 1.5] : [];
  return between(1 / far, far, [0.1, 0.2, 0.33, 0.5, 1, 2, 3, 5, 10, ...near]);
}

function between(low: number, high: number, candidates = decades()): Scale {
  const span = Math.log(high / low);
  return {
    at: (value) => clamp((Math.log(value / low) / span) * 100),
    ticks: candidates.filter((tick) => tick >= low && tick <= high),
  };
}

function decades(): number[] {
  return Array.from({ length: 10 }, (_, i) => 10 ** (i - 4)).flatMap((decade) => [decade, 2 * decade, 5 * decade]);
}

function niceStep(rough: number): number {
  const decade = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * decade >= rough) ?? 10) * decade;
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}
