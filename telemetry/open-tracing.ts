import type { Logger } from '../log/logger.ts';
import type { Tracing } from './tracing.ts';
import type { TracingConfig } from './tracing-config.ts';

/**
 * Starts tracing. Only this function loads the SDK, so a process without tracing does not pay for it.
 *
 * @param log receives export failures, each at most once a minute
 */
export async function openTracing(config: TracingConfig, log: Logger): Promise<Tracing> {
  const { OtelTracing } = await import('./otel/otel-tracing.ts');
  return OtelTracing.exportTo(config, log);
}
