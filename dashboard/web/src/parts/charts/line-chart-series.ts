/** One line of a chart. */
export interface LineChartSeries {
  readonly label: string;
  /** A custom property of the theme, such as `--accent`. */
  readonly colour: string;
  /** `[milliseconds since 1970, value]`, oldest first. */
  readonly points: readonly (readonly [number, number])[];
}
