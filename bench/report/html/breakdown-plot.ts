import { amount } from '../format.ts';
import type { BreakdownStep } from '../verdict/breakdown.ts';
import { axis, escapeHtml, gridLines, tickLabel } from './markup.ts';
import { linearScale, type Scale } from './scale.ts';

/** Stacked bars: what each layer adds to a single vote, one bar a path. */
export function ladderPlot(bars: readonly { label: string; steps: readonly BreakdownStep[] }[]): string {
  const totals = bars.map(({ steps }) => steps.at(-1)?.upTo.median ?? Number.NaN);
  const scale = linearScale(bars.flatMap(({ steps }) => steps.map(({ upTo }) => upTo.high)));
  const ticks = scale.ticks.map((tick) => ({ at: scale.at(tick), label: tickLabel(tick) }));
  const rows = bars.map(({ label, steps }, i) => {
    let from = 0;
    const parts = steps.map((step) => {
      const start = scale.at(from);
      // A layer within the noise of the one below has no width.
      from = Math.max(from, step.upTo.median);
      const width = scale.at(from) - start;
      const title = `${step.label}: ${amount(step.adds)} CPU-s per million`;
      return `<rect class="layer ${layerClass(step)}" x="${start.toFixed(2)}%" width="${width.toFixed(2)}%" y="14%" height="72%"><title>${escapeHtml(title)}</title></rect>${whisker(step, scale)}`;
    });
    const text = steps.map((step) => `${step.label} ${amount(step.adds)}`).join(' + ');
    return `<div class="row bar"><div class="label">${escapeHtml(label)}</div>
<div class="canvas"><svg role="img" aria-label="${escapeHtml(`${label}: ${text}`)}">${gridLines(ticks)}${parts.join('')}</svg></div>
<div class="figures">${amount(totals[i] ?? Number.NaN)}</div></div><p class="under">${escapeHtml(text)}</p>`;
  });
  const layers = ['runtime server', 'codec', 'rest of the edge, with Redis'] as const;
  const legend = layers
    .map((layer) => `<span><i class="layer ${layerClass({ layer })}"></i>${escapeHtml(layer)}</span>`)
    .join('');
  return `<div class="legend">${legend}</div><div class="plot">${rows.join('\n')}<div class="row foot"><div></div>${axis(ticks, 'CPU-seconds per million single votes')}<div></div></div></div>`;
}

/** The interval of what was measured up to this layer. */
function whisker({ upTo }: BreakdownStep, scale: Scale): string {
  const [low, high] = [scale.at(upTo.low).toFixed(2), scale.at(upTo.high).toFixed(2)];
  return `<line class="whisker" x1="${low}%" x2="${high}%" y1="50%" y2="50%"/>`;
}

function layerClass({ layer }: Pick<BreakdownStep, 'layer'>): string {
  return { 'runtime server': 'l1', codec: 'l3', 'rest of the edge, with Redis': 'l4' }[layer];
}
