import { mustRun, runCommand } from './run-command.ts';

const IMAGE = 'haproxy:3.2';
const STAND_IN = 'votewire-test-haproxy';
const DOCKERFILE = `FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy >/dev/null
USER haproxy
STOPSIGNAL SIGUSR1
`;

/**
 * The official HAProxy image if this engine has it or can pull it; otherwise one built from Debian's package, so that
 * the test also runs without a registry.
 */
export async function proxyImage(): Promise<string> {
  for (const action of ['image inspect', 'pull -q']) {
    const { code } = await runCommand(['docker', ...action.split(' '), IMAGE], { timeoutMs: 60_000 });
    if (code === 0) return IMAGE;
  }
  await mustRun(['docker', 'build', '-q', '-t', STAND_IN, '-'], { input: DOCKERFILE });
  return STAND_IN;
}
