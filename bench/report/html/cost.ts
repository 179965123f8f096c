import { money } from '../format.ts';
import type { Report } from '../report.ts';
import { describeWork, monthlyCost, pathPairs } from '../verdict.ts';
import { escapeHtml, htmlTable } from './markup.ts';
import type { Section } from './sections.ts';

/** What the CPU of each path costs a month, with fields to put in one's own rate and price. */
export function cost({ rows, settings }: Report): Section | undefined {
  const pairs = pathPairs(rows.filter(({ valid, cpuSecondsPerMillion }) => valid && cpuSecondsPerMillion !== null));
  if (pairs.length === 0) return undefined;
  const lines = pairs.map(({ http, grpc, cpu }) => {
    const cells = [http, grpc].map(({ cpuSecondsPerMillion }) => {
      const median = cpuSecondsPerMillion?.median ?? Number.NaN;
      return `<span class="money" data-cpu="${median.toFixed(5)}">${money(monthlyCost(median, settings))}</span>`;
    });
    const tells = cpu.lower === 'none' ? 'no difference' : cpu.lower === 'a' ? 'HTTP + WASM' : 'gRPC';
    return [escapeHtml(describeWork(http)), ...cells, tells];
  });
  const field = (id: string, label: string, value: number) =>
    `<label>${label}<input id="${id}" inputmode="decimal" value="${value}"></label>`;
  return {
    title: 'What it costs a month',
    lede: 'CPU of the edge alone, around the clock. Put in your own rate and price.',
    body: `<div class="card"><div class="noprint">${field('rate', 'Votes a second', settings.votesPerSecond)}${field('price', '$ a vCPU-second', settings.cpuPrice)}</div>${htmlTable(['Work', 'HTTP + WASM', 'gRPC', 'Cheaper'], lines)}</div>`,
  };
}

/** Recomputes the table when a field changes; the only script of the page. */
export const COST_SCRIPT = `(function(){var r=document.getElementById('rate'),p=document.getElementById('price');if(!r||!p)return;
function show(){var rate=parseFloat(r.value),price=parseFloat(p.value);if(!(rate>=0)||!(price>=0))return;
document.querySelectorAll('.money').forEach(function(e){var d=e.dataset.cpu*rate*2629800/1e6*price;e.textContent='$'+(d>=100?Math.round(d).toLocaleString('en'):d.toFixed(2))})}
r.addEventListener('input',show);p.addEventListener('input',show)})()`;
