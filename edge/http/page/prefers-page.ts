import { accepts } from 'hono/accepts';
import type { EdgeContext } from '../edge-env.ts';

/** Whether to answer with a page. Browsers list text/html first; curl and most programs accept anything. */
export function prefersPage(c: EdgeContext): boolean {
  const [problem, json, page] = ['application/problem+json', 'application/json', 'text/html'] as const;
  return accepts(c, { header: 'Accept', supports: [problem, json, page], default: problem }) === page;
}
