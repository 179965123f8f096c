import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Finding, judgeAudit, judgeSignatures } from './judge-audit.ts';

/**
 * `npm run check:dependencies`: advisories and signatures of the packages that run in production, as far as the registry
 * answers, and a bill of materials in CycloneDX (data/sbom.json). A registry without such an endpoint is a notice; an
 * advisory of at least moderate severity, a wrong signature or an incomplete installation exits with 1.
 */
const PATIENCE_MS = 30_000;
const SBOM = 'data/sbom.json';

const network = ['--json', '--fetch-retries=0', '--fetch-timeout=10000'];
const findings = await Promise.all([
  npm('audit', '--omit=dev', ...network).then(({ output }) => judgeAudit(output)),
  npm('audit', 'signatures', ...network).then(({ output }) => judgeSignatures(output)),
  billOfMaterials(),
]);
for (const { kind, text } of findings) console.log(`${kind.padEnd(6)} ${text}`);
process.exitCode = findings.some(({ kind }) => kind === 'fault') ? 1 : 0;

/** Made from what is installed; the registry is not asked. */
async function billOfMaterials(): Promise<Finding> {
  const { output, code } = await npm('sbom', '--omit=dev', '--sbom-format=cyclonedx');
  if (code !== 0) return { kind: 'fault', text: 'npm sbom failed; run "npm ci"' };
  const { components } = JSON.parse(output) as { components: readonly unknown[] };
  mkdirSync('data', { recursive: true });
  writeFileSync(SBOM, output);
  return { kind: 'ok', text: `${components.length} packages in ${SBOM}` };
}

function npm(...args: string[]): Promise<{ readonly output: string; readonly code: number }> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE_MS, maxBuffer: 64 << 20 };
    execFile('npm', args, options, (error, output) => resolve({ output, code: error === null ? 0 : 1 }));
  });
}
