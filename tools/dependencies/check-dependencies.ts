import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Finding, judgeAudit, judgeSignatures } from './judge-audit.ts';

/**
 * `npm run check:dependencies`: checks advisories and signatures of the packages that run in production, and writes a
 * bill of materials in CycloneDX (data/sbom.json). A registry that does not support a check results in a notice; an
 * advisory of at least moderate severity, an invalid signature or an incomplete installation exits with 1.
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

/** Lists the installed packages without asking the registry. */
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
