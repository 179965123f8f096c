/** Variables about programs and temporary files, not about this deployment. */
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'];

/**
 * The environment of a bench that the dashboard starts. The bench runs its own Votewire: with this deployment's
 * MONGODB_URL or REDIS_URL it would mix its votes with the real ones.
 */
export function benchEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.includes(name)));
}
