import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import { quoteForMessage } from '../../http/quote.ts';
import { type Health, HealthCheckResponse_ServingStatus as Serving } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { latestValue } from './results/latest-value.ts';

/** How often a watched status is read, in milliseconds. */
const TICK_MS = 500;

/** `grpc.health.v1.Health`: the whole server ("") and VoteService are SERVING while `ready` returns true. */
export function healthService(ready: () => boolean): ServiceImpl<typeof Health> {
  const known = (service: string) => service === '' || service === VoteService.typeName;
  const status = () => (ready() ? Serving.SERVING : Serving.NOT_SERVING);
  const unknown = () => Serving.SERVICE_UNKNOWN;
  return {
    check({ service }) {
      if (!known(service)) throw new ConnectError(`Unknown service ${quoteForMessage(service)}`, Code.NotFound);
      return { status: status() };
    },
    list() {
      return { statuses: { '': { status: status() }, [VoteService.typeName]: { status: status() } } };
    },
    async *watch({ service }, { signal }) {
      // An unknown service does not end the call (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
      const read = known(service) ? status : unknown;
      const changes = latestValue<Serving>(signal, (show) => {
        let last = read();
        show(last);
        const timer = setInterval(() => {
          const now = read();
          if (now !== last) show(now);
          last = now;
        }, TICK_MS);
        signal.addEventListener('abort', () => clearInterval(timer), { once: true });
      });
      for await (const now of changes) yield { status: now };
    },
  };
}
