/** Results as the edge's HTTP API returns them. */
export interface ResultsView {
  readonly contest: string;
  readonly status: string;
  readonly total: number;
  readonly options: readonly { readonly id: string; readonly label: string; readonly count: number }[];
}

/** Formats results as a table, most votes first. */
export function describeResults({ contest, status, total, options }: ResultsView): string {
  const width = Math.max(...options.map(({ label }) => label.length), 8);
  const rows = [...options]
    .sort((a, b) => b.count - a.count)
    .map(({ label, count }) => {
      const share = total === 0 ? 0 : (100 * count) / total;
      return `  ${label.padEnd(width)}${count.toLocaleString('en').padStart(12)}${`${share.toFixed(1)} %`.padStart(9)}`;
    });
  return [`${contest} (${status}): ${total.toLocaleString('en')} votes`, ...rows].join('\n');
}
