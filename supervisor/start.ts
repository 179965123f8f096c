import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../config/config-error.ts';
import { prepareDataDir } from '../config/files/data-dir.ts';
import { redactPasswords } from '../config/secrets/redact-passwords.ts';
import { formatLogLine } from '../log/format-log-line.ts';
import { ADMIN_TOKEN_FILE, hasAdminToken, readOrCreateAdminToken } from './admin-token.ts';
import { build } from './build/build.ts';
import { readStartConfig, type StartConfig } from './config.ts';
import { type RunningSystem, startSystem } from './running-system.ts';
import type { Status } from './screen/status.ts';
import { openTerminal, type Terminal } from './screen/terminal.ts';
import { findTakenPorts } from './service/ports.ts';

// `npm start`: runs everything in one terminal until Ctrl-C.

const DRAW_MS = { interactive: 1000, lines: 10_000 };
/** Both the terminal and npm send SIGINT on Ctrl-C: a second signal within this time counts as the same one. */
const SAME_SIGNAL_MS = 300;

const stopped = new AbortController();
let system: RunningSystem | undefined;
let firstSignalAt = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    const now = performance.now();
    if (!stopped.signal.aborted) {
      firstSignalAt = now;
      stopped.abort();
    } else if (now - firstSignalAt > SAME_SIGNAL_MS) {
      system?.kill();
      process.exit(130);
    }
  });
}
// Emitted if the reader of the output exits, as in `npm start | head`.
process.stdout.on('error', () => stopped.abort());

try {
  await main();
} catch (error) {
  // After Ctrl-C during the start, services that exited early are not an error.
  if (!stopped.signal.aborted) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}

async function main(): Promise<void> {
  const config = await readStartConfig(process.env);
  prepareDataDir(config.store.dataDir);
  const taken = await findTakenPorts([
    { service: 'edge', variable: 'PORT', ...config.edge },
    { service: 'dashboard', variable: 'DASHBOARD_PORT', ...config.dashboard },
  ]);
  if (taken.length > 0) throw new Error(taken.join('\n'));
  await build({ onLine: console.log });
  if (stopped.signal.aborted) return;

  using terminal = openTerminal({ out: process.stdout, env: process.env });
  const log = openLogFile(config, (line) => terminal.line('npm start', line));
  const startedAt = performance.now();
  let activity = '';
  let status: Status | undefined;
  const onLine = (service: string, line: string) => {
    log(`${new Date().toISOString()} ${service}: ${line}\n`);
    terminal.line(service, formatLogLine(line, { prefix: false }));
  };
  const draw = () =>
    terminal.show({
      addresses: addresses(config, system),
      services: (system?.services ?? []).map(({ name, state, restarts }) => ({ name, state: state.name, restarts })),
      status,
      upSeconds: (performance.now() - startedAt) / 1000,
      activity,
    });
  const onActivity = (now: string) => {
    activity = now;
    if (terminal.interactive) draw();
    else if (now !== '') console.log(`${now} …`);
  };

  const env = hasAdminToken(config.env)
    ? config.env
    : { ...config.env, ADMIN_TOKEN: readOrCreateAdminToken(config.store.dataDir) };
  system = await startSystem({ ...config, env }, { onLine, onActivity, signal: stopped.signal });
  printAddresses(terminal, config, system);
  try {
    await runUntilStopped(system, config, {
      onLine,
      onStatus: (read) => {
        status = read;
      },
      draw,
      pauseMs: terminal.interactive ? DRAW_MS.interactive : DRAW_MS.lines,
    });
  } finally {
    onActivity('stopping');
    await system.stop();
    onActivity('');
  }
  console.log('Stopped. All votes are kept for the next npm start.');
}

interface Loop {
  readonly onLine: (part: string, line: string) => void;
  readonly onStatus: (status: Status | undefined) => void;
  readonly draw: () => void;
  readonly pauseMs: number;
}

async function runUntilStopped(running: RunningSystem, config: StartConfig, loop: Loop): Promise<void> {
  const seeding = config.seed ? running.seedOnce() : Promise.resolve(undefined);
  const seeded = seeding.then(
    (sentence) => sentence !== undefined && loop.onLine('seed', sentence),
    (error: Error) => {
      // After Ctrl-C, the votes are cast at the next start.
      if (!stopped.signal.aborted) loop.onLine('seed', `Cannot cast the sample votes: ${error.message}`);
    },
  );
  while (!stopped.signal.aborted) {
    // The screen shows that Redis is unavailable, and the services wait for it.
    loop.onStatus(await running.status.read().catch(() => undefined));
    loop.draw();
    await delay(loop.pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
  }
  await Promise.race([seeded, delay(500)]);
}

function addresses(config: StartConfig, running: RunningSystem | undefined): [string, string][] {
  const { port } = config.edge;
  return [
    ['Vote', `http://localhost:${port}`],
    ['gRPC', `localhost:${port}  votewire.v1.VoteService`],
    ['Dashboard', `http://localhost:${config.dashboard.port}`],
    ['Redis', redactPasswords((running?.redisUrls ?? config.store.redisUrls).join(','))],
    ['State', config.store.dataDir],
    [
      'Admin',
      hasAdminToken(config.env) ? 'token in ADMIN_TOKEN' : `token in ${join(config.store.dataDir, ADMIN_TOKEN_FILE)}`,
    ],
  ];
}

function printAddresses(terminal: Terminal, config: StartConfig, running: RunningSystem): void {
  if (terminal.interactive) return;
  console.log('Votewire is running:');
  for (const [name, address] of addresses(config, running)) console.log(`  ${name.padEnd(10)} ${address}`);
}

/**
 * Writes the output of all services to a file, because the screen shows only the last lines. A failed write, for
 * example on a full disk, is reported once and does not stop the services; later lines are attempted again.
 */
function openLogFile(config: StartConfig, onError: (line: string) => void): (text: string) => void {
  const file = join(config.store.dataDir, 'npm-start.log');
  writeFileSync(file, '');
  let failed = false;
  return (text) => {
    try {
      appendFileSync(file, text);
    } catch (error) {
      if (!failed) onError(`Cannot write ${file}: ${error instanceof Error ? error.message : error}`);
      failed = true;
    }
  };
}
