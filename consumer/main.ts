import { once } from 'node:events';
import { ConfigError } from '../config/config-error.ts';
import { listenOnPort } from '../config/listen-port.ts';
import { readConsumerConfig } from './config.ts';
import { startConsumer } from './consumer.ts';
import { startStatusServer } from './status-server.ts';

/** What a stop may take; then it ends all the same, and what was pending is taken over by others. */
const STOP_MS = 4500;

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    stopping.abort();
    setTimeout(() => process.exit(1), STOP_MS).unref();
  });
}

try {
  const config = readConsumerConfig(process.env);
  const log = (line: string) => console.log(`${new Date().toISOString()} consumer ${config.name}: ${line}`);
  await using opened = new AsyncDisposableStack();
  const consumer = opened.use(await startConsumer(config, log, stopping.signal));
  const { port } = config;
  if (port > 0) opened.use(await listenOnPort('CONSUMER_PORT', port, () => startStatusServer(consumer, port)));
  log(`ready (${config.groups.join(', ')})`);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  log('stopping');
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exitCode = 1;
  }
}
