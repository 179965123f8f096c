import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Consumer } from './consumer.ts';

/** Serves /healthz, /readyz and /metrics. */
export interface StatusServer extends AsyncDisposable {
  readonly port: number;
}

const metrics = [
  ['counted', 'votewire_consumer_votes_counted_total', 'Votes handled by the tally.'],
  ['logged', 'votewire_consumer_votes_logged_total', 'Votes written to the log.'],
  ['dead', 'votewire_consumer_dead_letters_total', 'Entries put aside.'],
  ['lost', 'votewire_consumer_lost_entries_total', 'Pending entries that were gone from their stream.'],
  ['conflicts', 'votewire_consumer_log_conflicts_total', 'Entries that were in the log with other content.'],
] as const;

/** Port 0: a free one. */
export async function startStatusServer(consumer: Consumer, port: number): Promise<StatusServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/healthz') {
      // Redis being away is no reason to end this process: it waits.
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    } else if (path === '/readyz') {
      const { ready } = consumer;
      response
        .writeHead(ready ? 200 : 503, { 'content-type': 'text/plain' })
        .end(ready ? 'ready\n' : 'Redis is away\n');
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(renderMetrics(consumer));
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    }
  });
  server.headersTimeout = 3000;
  server.requestTimeout = 5000;
  server.listen(port);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function renderMetrics({ totals, ready }: Consumer): string {
  const { user, system } = process.cpuUsage();
  const lines = metrics.flatMap(([total, name, help]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} counter`,
    `${name} ${totals[total]}`,
  ]);
  lines.push(
    '# HELP votewire_consumer_ready Whether Redis answers this consumer.',
    '# TYPE votewire_consumer_ready gauge',
    `votewire_consumer_ready ${ready ? 1 : 0}`,
    '# HELP process_cpu_seconds_total User and system time.',
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    '# HELP process_resident_memory_bytes Resident memory.',
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
  );
  return `${lines.join('\n')}\n`;
}
