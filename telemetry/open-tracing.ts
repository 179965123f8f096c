import type { Logger } from '../log/logger.ts';
import type { Tracing } from './tracing.ts';
import type { TracingConfig } from './tracing-config.ts';

/**
 * Starts tracing. The SDK is loaded only here: a process without tracing neither loads it nor calls it.
 *
 * @param log reports once a minute what cannot be exported
 */
export async function openTracing(config: TracingConfig, log: Logger): Promise<Tracing> {
  const { OtelTracing } = await import('./otel/otel-tracing.ts');
  return OtelTracing.exportTo(config, log);
}
