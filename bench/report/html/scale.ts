/** Maps values to percent of a plot's width, because SVG with percent coordinates scales without stretching marks. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** Logarithmic, over the values' range, with ticks at 1, 2 and 5 times powers of ten. */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const low = Math.min(...positive) / 1.15;
  const high = Math.max(...positive) * 1.15;
  return between(low, high);
}

/** Logarithmic and symmetric around 1, for ratios. */
export function ratioScale(values: readonly number[]): Scale {
  const far = Math.max(1.25, ...values.filter(Number.isFinite).flatMap((value) => [value, 1 / value])) * 1.08;
  // On a wide range the labels around 1 would overlap on a phone.
  const near = far < 2.5 ? [0.67, 0.8, 1.25, 1.5] : [];
  const decades = far < 12 ? [0.1, 0.2, 0.33, 0.5, 1, 2, 3, 5, 10] : [0.001, 0.01, 0.1, 1, 10, 100, 1000];
  return between(1 / far, far, [...decades, ...near]);
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

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}
