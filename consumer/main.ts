import { once } from 'node:events';
import { ConfigError } from '../config/config-error.ts';
import { listenOnPort } from '../config/listen-port.ts';
import { createLogger } from '../log/logger.ts';
import { readConsumerConfig } from './config.ts';
import { startConsumer } from './consumer.ts';
import { startStatusServer } from './status/status-server.ts';

/** Time allowed for a graceful stop. Other consumers claim entries that are still pending afterwards. */
const STOP_MS = 4500;

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    stopping.abort();
    setTimeout(() => process.exit(1), STOP_MS).unref();
  });
}

let log = createLogger('consumer');
try {
  const config = readConsumerConfig(process.env);
  log = createLogger('consumer', { name: config.name });
  await using opened = new AsyncDisposableStack();
  const consumer = opened.use(await startConsumer(config, log, stopping.signal));
  const { port, build } = config;
  if (port > 0) opened.use(await listenOnPort('CONSUMER_PORT', port, () => startStatusServer(consumer, port, build)));
  log.info({ groups: config.groups, pid: process.pid }, 'Ready');
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  log.info('Stopping');
} catch (error) {
  if (!stopping.signal.aborted) {
    if (error instanceof ConfigError) log.fatal(error.message);
    else log.fatal({ error }, 'Cannot start');
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
