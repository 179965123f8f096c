import { votesPerRequest } from '../labels.ts';
import type { Report, Row } from '../report.ts';
import { SECONDS_PER_MONTH } from '../verdict/summary.ts';
import type { Section } from './sections.ts';

const USUAL_RATE = 1000;

/** A measured point of one path: the cores used at a rate of votes. */
interface Point {
  readonly path: string;
  readonly runtime: string;
  readonly batch: number;
  readonly inFlight: number;
  readonly rate: number;
  readonly cores: number;
}

/** A form that computes from the measured points which path costs less for the reader's case. */
export function choose({ rows, settings }: Report): Section | undefined {
  const points = rows.flatMap(pointOf);
  if (new Set(points.map(({ path }) => path)).size < 2) return undefined;
  const options = (values: readonly (string | number)[], chosen?: number) =>
    [...new Set(values)].map((value) => `<option${value === chosen ? ' selected' : ''}>${value}</option>`).join('');
  const sorted = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  const input = (id: string, label: string, value: number) =>
    `<label>${label}<input id="${id}" inputmode="decimal" value="${value}"></label>`;
  const select = (id: string, label: string, values: readonly (string | number)[], chosen?: number) =>
    `<label>${label}<select id="${id}">${options(values, chosen)}</select></label>`;
  const fields = [
    input('rate', 'Votes per second', USUAL_RATE),
    select('batch', 'Votes per request', sorted(points.map(({ batch }) => batch))),
    select('in-flight', 'Requests in flight', sorted(points.map(({ inFlight }) => inFlight)), 64),
    select(
      'runtime',
      'Runtime',
      points.map(({ runtime }) => runtime),
    ),
    input('price', '$ per vCPU-second', settings.cpuPrice),
  ];
  return {
    title: 'Choose for your case',
    lede: 'Answers from the measured points nearest to your case: CPU of the edge alone, around the clock. Between two measured rates the cost lies on the line between them; at a low rate a vote costs several times as much as under load.',
    body: `<form class="card choose">${fields.join('')}<output id="answer" aria-live="polite"></output></form><script type="application/json" id="points">${JSON.stringify(points)}</script>`,
  };
}

function pointOf(row: Row): Point[] {
  const { transport, encoding, codec, cpuSecondsPerMillion: cpu, mode, load } = row;
  const http = transport === 'http1' && encoding === 'json' && codec === 'wasm';
  const grpc = transport === 'grpc' && codec === 'wasm' && !mode.startsWith('stream');
  const usable = row.valid && row.rung === 'edge' && cpu !== null && load !== 'overload' && row.contest === 'bandas';
  if (!usable || (!http && !grpc)) return [];
  return [
    {
      path: http ? 'HTTP + WASM' : 'gRPC',
      runtime: row.runtime,
      batch: votesPerRequest(mode),
      inFlight: row.connections * row.streams,
      rate: Math.round(row.throughput),
      cores: Number(((row.throughput * cpu.median) / 1e6).toPrecision(4)),
    },
  ];
}

/** The only script of the page. */
export const CHOOSE_SCRIPT = `(function(){var data=document.getElementById('points');if(!data)return;
var points=JSON.parse(data.textContent),get=function(id){return document.getElementById(id).value};
function nearest(list,key,value){var best=Infinity;list.forEach(function(p){best=Math.min(best,Math.abs(Math.log(p[key]/value)))});
return list.filter(function(p){return Math.abs(Math.log(p[key]/value))<=best+1e-9})}
function cores(list,rate){list=list.slice().sort(function(a,b){return a.rate-b.rate});var i=0;while(i<list.length&&list[i].rate<rate)i++;
if(i===0||i===list.length){var q=list[i===0?0:i-1];return q.cores*rate/q.rate}
var a=list[i-1],b=list[i];return a.cores+(rate-a.rate)/(b.rate-a.rate||1)*(b.cores-a.cores)}
function show(){var rate=parseFloat(get('rate')),price=parseFloat(get('price')),out=document.getElementById('answer');
if(!(rate>0)||!(price>=0)){out.textContent='Enter a rate and a price.';return}
var costs=['HTTP + WASM','gRPC'].map(function(path){var list=points.filter(function(p){return p.path===path&&p.runtime===get('runtime')});
if(!list.length)return null;list=nearest(nearest(list,'batch',+get('batch')),'inFlight',+get('in-flight'));var c=cores(list,rate);
return {path:path,cores:c,dollars:c*${SECONDS_PER_MONTH}*price,shape:list[0].batch+' per request, '+list[0].inFlight+' in flight'}}).filter(Boolean);
var money=function(d){return '$'+(d>=100?Math.round(d).toLocaleString('en'):d.toFixed(2))};
costs.sort(function(a,b){return a.cores-b.cores});var text=costs.map(function(c){return c.path+': '+c.cores.toPrecision(3)+' cores, '+money(c.dollars)+' a month (measured with '+c.shape+')'}).join('. ');
var gap=costs.length>1?costs[1].dollars-costs[0].dollars:0;
out.textContent=(gap<1?'Choose by convenience: the difference is below $1 a month. ':costs[0].path+' costs less. ')+text+'.'}
document.querySelector('.choose').addEventListener('input',show);show()})()`;
