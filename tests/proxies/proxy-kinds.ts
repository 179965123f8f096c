import { envoy } from './proxy/envoy.ts';
import { haproxy } from './proxy/haproxy.ts';
import { nginx } from './proxy/nginx.ts';
import type { ProxyKind } from './proxy.ts';

export const PROXY_KINDS: readonly ProxyKind[] = [nginx, haproxy, envoy];
