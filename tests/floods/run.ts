import { parseArgs } from 'node:util';
import { printHelp } from '../../tools/print-help.ts';
import { ATTACKS, NO_ATTACK } from './attacks.ts';
import { faultsOf } from './faults-of.ts';
import { startFloodSystem } from './flood-system.ts';
import { type AttackResult, runAttack } from './run-attack.ts';

printHelp(`npm run test:floods [-- <options>] [<words of an attack's name>]

Attacks a running system while honest clients cast 1,000 votes/s. Prints a row per attack, after one without an attack.

--seconds N   duration of each attack (10)

Exit codes: 0 every limit met, 1 a limit broken, 2 no such attack.`);

/**
 * `npm run test:floods`: attacks a running system, ten seconds each, while honest clients cast 1,000 votes a second.
 * Prints a row for each attack, and exits with 1 if an honest vote fails or a limit is broken.
 */
const LIMITS = { p99Ms: 100, growthBytes: 64 << 20, logBackMs: 2_000 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '10' } },
});
const ms = Number(values.seconds) * 1_000;
const attacks = ATTACKS.filter(({ name }) => name.includes(positionals.join(' ')));
if (!(ms > 0) || attacks.length === 0) {
  console.error(`No attack to run. The attacks are: ${ATTACKS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

await using system = await startFloodSystem();
const baseline = await runAttack(system, NO_ATTACK, ms);
console.log(row(NO_ATTACK.name, baseline, faultsOf(NO_ATTACK, baseline, LIMITS, ms)));
let failed = 0;
for (const attack of attacks) {
  const result = await runAttack(system, attack, ms);
  const faults = faultsOf(attack, result, LIMITS, ms);
  if (faults.length > 0) failed++;
  console.log(row(attack.name, result, faults));
}
console.log(`${attacks.length - failed} of ${attacks.length} attacks held off`);
process.exitCode = failed === 0 ? 0 : 1;

function row(name: string, { honest, growthBytes, logBackMs }: AttackResult, faults: readonly string[]): string {
  const { votes, failures, p50Ms, p99Ms } = honest;
  const megabytes = (bytes: number) => `+${Math.round(bytes / 2 ** 20)} MB`.padStart(7);
  const text = [
    faults.length === 0 ? 'ok  ' : 'FAIL',
    name.padEnd(36),
    `${votes} votes, ${failures.length} failed`.padEnd(24),
    `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`.padEnd(28),
    `edge ${megabytes(growthBytes.edge)}, dashboard ${megabytes(growthBytes.dashboard)}, log back in ${Math.round(logBackMs)} ms`,
  ].join(' ');
  return faults.length === 0 ? text : `${text}\n     ${faults.join('; ')}`;
}
