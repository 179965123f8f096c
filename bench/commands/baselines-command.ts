import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { baselineVariants } from '../baselines/baseline-variants.ts';
import { judgeTargets, type SpeedTarget } from '../baselines/targets.ts';
import { measureMemory, measureWholeSystem } from '../baselines/whole-system.ts';
import { measureCodecCosts } from '../micro/codec-costs.ts';
import { buildReport } from '../report/build-report.ts';
import { readEnvironment } from '../report/environment.ts';
import { rowTable, table } from '../report/markdown.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { progressPrinter } from '../runner/progress.ts';
import { runBench } from '../runner/run-bench.ts';
import { startSystem } from '../runner/start-system.ts';
import { killChildren } from '../targets/child.ts';
import { buildGoPeer, removeGoPeer } from '../targets/go-peer.ts';
import { OwnGenerator } from '../targets/own-generator.ts';
import { choosePlacement } from '../targets/placement.ts';
import { ROOT, runtimeVersion } from '../targets/runtimes.ts';

const USAGE = `npm run bench:baselines -- [options]   the layers from a bare server to the edge on each runtime, and the speed targets

  --rounds N     default 5
  --seconds N    measured seconds per variant and round; default 2
  --only TEXT    only variants whose id contains TEXT
  --help

Exit codes: 0 valid, 1 invalid.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
prepareBench();

const placement = choosePlacement();
const environment = readEnvironment(placement);
const createdAt = new Date();
const noPeer = buildGoPeer();
if (noPeer !== undefined) console.log(`Without the Go peer: ${noPeer}.`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    killChildren();
  });
}

const here = baselineVariants(noPeer === undefined).filter(
  ({ runtime }) => runtime === 'go' || runtimeVersion(runtime) !== undefined,
);
const chosen = here.filter(({ id }) => id.includes(values.only));
// A load that follows another variant's throughput needs that variant.
const variants = here.filter(
  (one) => chosen.includes(one) || chosen.some(({ load }) => 'of' in load && load.of === one.id),
);
const settings = { rounds: Number(values.rounds), warmupMs: 1000, measureMs: Number(values.seconds) * 1000 };
const outcome = await runBench({
  ...settings,
  variants,
  placement,
  freshEachRound: true,
  startSystem,
  generator: new OwnGenerator(),
  signal: stop.signal,
  onProgress: progressPrinter(console.log),
});
const all = values.only === '' && !stop.signal.aborted;
const codecs = all ? measureCodecCosts(placement.server, settings.rounds) : [];
const whole = all ? await measureWholeSystem(placement, 8).catch(notMeasured) : null;
const memory = all ? await measureMemory(placement, 20).catch(notMeasured) : null;
await removeGoPeer();

const report = buildReport({
  createdAt,
  variants,
  outcome,
  freshness: [],
  codecs,
  settings: {
    ...settings,
    laterMeasureMs: settings.measureMs,
    quick: false,
    interrupted: outcome.interrupted,
    cutShort: false,
    driver: 'own',
    target: null,
    cpuPrice: 0,
    votesPerSecond: 1,
  },
  environment,
});
const targets = judgeTargets({ rows: report.rows, codecs, whole, memory });
const text = baselinesText(targets);
console.log(`\n${text}`);
const folder = join(ROOT, 'bench', 'results', `${createdAt.toISOString().slice(0, 19).replaceAll(':', '-')}-baselines`);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'baselines.md'), text);
await writeFile(join(folder, 'baselines.json'), JSON.stringify({ ...report, bars: targets, whole, memory }, null, 1));
console.log(`${folder}/baselines.json  baselines.md`);
process.exitCode = report.valid ? 0 : 1;

function baselinesText(judged: readonly SpeedTarget[]): string {
  const held = (target: SpeedTarget) => (target.held === null ? 'not measured' : target.held ? 'held' : '**missed**');
  const invalid = report.valid ? '' : `\nINVALID:\n${report.invalid.map((reason) => `- ${reason}`).join('\n')}\n`;
  const lines = judged.map((target) => [target.name, target.required, target.measured, held(target)]);
  return `# Layers\n\n${rowTable(report.rows)}\n\n# Targets (server CPU-seconds per million acknowledged votes)\n\n${table(['target', 'required', 'measured', ''], lines)}\n${invalid}`;
}

function notMeasured(error: Error): null {
  console.log(`not measured: ${error.message}`);
  return null;
}
