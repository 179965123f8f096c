/** Names that say where programs and temporary files are, and nothing of this deployment. */
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'];

/**
 * The environment of a bench that the dashboard starts. It runs a Votewire of its own: with this one's MONGODB_URL or
 * REDIS_URL it would put its votes among the real ones.
 */
export function benchEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.includes(name)));
}
