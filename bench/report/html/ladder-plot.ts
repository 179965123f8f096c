import { amount } from '../format.ts';
import type { LadderStep } from '../ladder.ts';
import { axis, escapeHtml, gridLines } from './markup.ts';
import { linearScale } from './scale.ts';

const HEIGHT = 34;

/** Stacked bars: what each layer adds to a single vote, one bar a path. */
export function ladderPlot(bars: readonly { label: string; steps: readonly LadderStep[] }[]): string {
  const totals = bars.map(({ steps }) => steps.reduce((sum, { adds }) => sum + Math.max(0, adds), 0));
  const scale = linearScale(totals);
  const ticks = scale.ticks.map((tick) => ({ at: scale.at(tick), label: amount(tick) }));
  const rows = bars.map(({ label, steps }, i) => {
    let from = 0;
    const parts = steps.map((step) => {
      const start = scale.at(from);
      from += Math.max(0, step.adds);
      const width = scale.at(from) - start;
      const title = `${step.label}: ${amount(step.adds)} CPU-s per million`;
      return `<rect class="layer ${layerClass(step)}" x="${start.toFixed(2)}%" width="${width.toFixed(2)}%" y="5" height="${HEIGHT - 10}"><title>${escapeHtml(title)}</title></rect>`;
    });
    const text = steps.map((step) => `${step.label} ${amount(step.adds)}`).join(' + ');
    return `<div class="row"><div class="label">${escapeHtml(label)}</div>
<svg height="${HEIGHT}" role="img" aria-label="${escapeHtml(`${label}: ${text}`)}">${gridLines(ticks, HEIGHT)}${parts.join('')}</svg>
<div class="figures">${amount(totals[i] ?? Number.NaN)}</div></div><p class="under">${escapeHtml(text)}</p>`;
  });
  const layers = ['runtime server', 'framework', 'codec', 'rest of the edge, with Redis'] as const;
  const legend = layers
    .map((layer) => `<span><i class="layer ${layerClass({ layer })}"></i>${escapeHtml(layer)}</span>`)
    .join('');
  return `<div class="legend">${legend}</div><div class="plot">${rows.join('\n')}<div class="row foot"><div></div>${axis(ticks, 'CPU-seconds per million single votes')}<div></div></div></div>`;
}

function layerClass({ layer }: Pick<LadderStep, 'layer'>): string {
  return { 'runtime server': 'l1', framework: 'l2', codec: 'l3', 'rest of the edge, with Redis': 'l4' }[layer];
}
