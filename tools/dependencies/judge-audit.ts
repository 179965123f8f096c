/** The result of one check. `notice`: the check was not possible. */
export interface Finding {
  readonly kind: 'ok' | 'notice' | 'fault';
  readonly text: string;
}

interface AuditReport {
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number>> };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity?: string }>>;
}

interface SignatureReport {
  readonly invalid?: readonly { readonly name: string; readonly version: string }[];
  readonly missing?: readonly unknown[];
}

/** Severities that fail the check; others are only listed. */
const SERIOUS = new Set(['moderate', 'high', 'critical']);

/** Evaluates the output of `npm audit --json`; the registry may lack the endpoint or not answer. */
export function judgeAudit(output: string): Finding {
  const report = parse<AuditReport>(output);
  if (report?.metadata?.vulnerabilities === undefined) return notAnswered('advisories', output);
  const found = Object.entries(report.vulnerabilities ?? {});
  const names = found.map(([name, { severity = 'unknown' }]) => `${name} (${severity})`).join(', ');
  if (found.length === 0) return { kind: 'ok', text: 'No advisories for the dependencies' };
  const isSerious = found.some(([, { severity = '' }]) => SERIOUS.has(severity));
  return {
    kind: isSerious ? 'fault' : 'ok',
    text: `Advisories: ${names}; run "npm audit fix", or replace the package`,
  };
}

/** Evaluates the output of `npm audit signatures --json`. */
export function judgeSignatures(output: string): Finding {
  const report = parse<SignatureReport>(output);
  if (report?.invalid === undefined) return notAnswered('signatures', output);
  const names = report.invalid.map(({ name, version }) => `${name}@${version}`).join(', ');
  if (names !== '') {
    return {
      kind: 'fault',
      text: `Invalid signatures: ${names}; do not install these packages, and compare package-lock.json`,
    };
  }
  const missing = report.missing?.length ?? 0;
  const unsigned = missing === 0 ? '' : `; ${missing} packages are not signed`;
  return { kind: 'ok', text: `Signatures match${unsigned}` };
}

function notAnswered(what: string, output: string): Finding {
  const answer = parse<{ message?: string; error?: { summary?: string } }>(output);
  const reason = answer?.message ?? answer?.error?.summary ?? output;
  // Logs may be published, so they must not contain the registry's address.
  const text = reason
    .replace(/https?:\/\/\S+/g, '(registry)')
    .trim()
    .slice(0, 200);
  return { kind: 'notice', text: `The registry does not answer for ${what}: ${text || 'no output'}` };
}

function parse<T>(output: string): T | undefined {
  try {
    return JSON.parse(output) as T;
  } catch {
    return undefined;
  }
}
