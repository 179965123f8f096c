import { money } from '../format.ts';
import type { Report } from '../report.ts';
import { costPoints, isKnownAtRates, monthlyCost, SECONDS_PER_MONTH } from '../verdict/monthly-cost.ts';
import { describeWork, pathPairs } from '../verdict/path-pairs.ts';
import { escapeHtml, htmlTable } from './markup.ts';
import type { Section } from './sections.ts';

/** What the CPU of each path costs a month, with fields to put in one's own rate and price. */
export function cost({ rows, settings }: Report): Section | undefined {
  const all = pathPairs(rows);
  // What was measured at saturation alone would look several times too cheap beside the rest.
  const atRates = all.filter((pair) => [pair.http, pair.grpc].every((row) => isKnownAtRates(costPoints(row, rows))));
  const pairs = atRates.length > 0 ? atRates : all;
  if (pairs.length === 0) return undefined;
  const lines = pairs.map(({ http, grpc, cpu }) => {
    const cells = [http, grpc].map((row) => {
      const points = costPoints(row, rows);
      const pairs = points.map(({ votesPerSecond, cores }) => `${Math.round(votesPerSecond)}:${cores.toFixed(6)}`);
      const dollars = monthlyCost(points, settings.votesPerSecond, settings.cpuPrice);
      return `<span class="money" data-points="${pairs.join(' ')}">${money(dollars)}</span>`;
    });
    const tells = cpu.lower === 'none' ? 'no difference' : cpu.lower === 'a' ? 'HTTP + WASM' : 'gRPC';
    return [escapeHtml(describeWork({ http, grpc })), ...cells, tells];
  });
  const field = (id: string, label: string, value: number) =>
    `<label>${label}<input id="${id}" inputmode="decimal" value="${value}"></label>`;
  return {
    title: 'What it costs a month',
    lede: 'CPU of the edge alone, around the clock. Put in your own rate and price. Between measured rates the cost lies on the line between them: at a low rate a vote costs several times of what it costs under load.',
    body: `<div class="card"><div class="noprint">${field('rate', 'Votes a second', settings.votesPerSecond)}${field('price', '$ a vCPU-second', settings.cpuPrice)}</div>${htmlTable(['Work', 'HTTP + WASM', 'gRPC', 'Cheaper, saturated'], lines)}</div>`,
  };
}

/** Recomputes the table when a field changes; the only script of the page. */
export const COST_SCRIPT = `(function(){var r=document.getElementById('rate'),p=document.getElementById('price');if(!r||!p)return;
function cores(text,rate){var p=text.split(' ').map(function(t){return t.split(':').map(Number)}),i=0;
while(i<p.length&&p[i][0]<rate)i++;if(i===0||i===p.length){var q=p[i===0?0:i-1];return q[1]*rate/q[0]}
return p[i-1][1]+(rate-p[i-1][0])/(p[i][0]-p[i-1][0])*(p[i][1]-p[i-1][1])}
function show(){var rate=parseFloat(r.value),price=parseFloat(p.value);if(!(rate>=0)||!(price>=0))return;
document.querySelectorAll('.money').forEach(function(e){var d=cores(e.dataset.points,rate)*${SECONDS_PER_MONTH}*price;e.textContent='$'+(d>=100?Math.round(d).toLocaleString('en'):d.toFixed(2))})}
r.addEventListener('input',show);p.addEventListener('input',show)})()`;
