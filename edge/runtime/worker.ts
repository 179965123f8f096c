import { createWorker } from '../worker/create-worker.ts';

/**
 * The edge worker's module: `export default { fetch }`, as Cloudflare Workers, `deno serve` and `bun` take it.
 * `npm run build:worker` bundles it. `UPSTREAM` is the origin of the edge that it forwards to.
 */
interface Environment {
  readonly UPSTREAM?: string;
}

/**
 * The second and third arguments of fetch: Workers pass bindings and a context, Deno connection info, Bun its server.
 */
interface Platform {
  readonly UPSTREAM?: string;
  readonly remoteAddr?: { readonly hostname: string };
  requestIP?(request: Request): { readonly address: string } | null;
}

interface WorkersContext {
  waitUntil(work: Promise<unknown>): void;
}

const ON_WORKERS = globalThis.navigator?.userAgent === 'Cloudflare-Workers';
const codec = await loadCodec();
let worker: ReturnType<typeof createWorker> | undefined;

export default {
  fetch(request: Request, platform: Platform, context?: WorkersContext): Promise<Response> {
    worker ??= createWorker({ codec, upstream: readUpstream(platform) });
    return worker.fetch(request, {
      address: () => addressOf(request, platform),
      ...(context?.waitUntil && { waitUntil: (work: Promise<unknown>) => context.waitUntil(work) }),
    });
  },
};

/** Workers cannot compile bytes at run time; their platform provides the module as an import. */
async function loadCodec(): Promise<WebAssembly.Module> {
  if (ON_WORKERS) {
    const path = './codec.wasm';
    return (await import(path)).default;
  }
  const { readFile } = await import('node:fs/promises');
  return await WebAssembly.compile(await readFile(new URL('./codec.wasm', import.meta.url)));
}

/** @throws {Error} if UPSTREAM is not an origin */
function readUpstream(platform: Environment): string {
  const value = platform.UPSTREAM ?? process.env.UPSTREAM ?? '';
  if (!URL.canParse(value) || new URL(value).origin !== value) {
    throw new Error(`UPSTREAM must be an origin such as https://edge.example.org, without a path; got "${value}"`);
  }
  return value;
}

/** Reads the platform's header on Workers only; elsewhere a client could set it. */
function addressOf(request: Request, platform: Platform): string {
  if (ON_WORKERS) return request.headers.get('cf-connecting-ip') ?? '';
  return platform.remoteAddr?.hostname ?? platform.requestIP?.(request)?.address ?? '';
}
