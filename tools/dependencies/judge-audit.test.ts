import { expect, test } from 'vitest';
import { judgeAudit, judgeSignatures } from './judge-audit.ts';

const audit = (vulnerabilities: Record<string, { severity: string }>) =>
  judgeAudit(JSON.stringify({ vulnerabilities, metadata: { vulnerabilities: { total: 1 } } }));

test('an advisory of at least moderate severity fails the check, with the package and the remedy', () => {
  expect(audit({})).toMatchObject({ kind: 'ok' });
  expect(audit({ leftpad: { severity: 'low' } })).toMatchObject({ kind: 'ok' });
  for (const severity of ['moderate', 'high', 'critical']) {
    const { kind, text } = audit({ leftpad: { severity } });
    expect(kind).toBe('fault');
    expect(text).toContain(`leftpad (${severity})`);
    expect(text).toContain('npm audit fix');
  }
});

test('an invalid signature fails the check, a missing one does not', () => {
  expect(judgeSignatures('{"invalid":[],"missing":[]}')).toStrictEqual({ kind: 'ok', text: 'Signatures match' });
  expect(judgeSignatures('{"invalid":[],"missing":[{}]}').text).toBe('Signatures match; 1 packages are not signed');
  const bad = judgeSignatures('{"invalid":[{"name":"leftpad","version":"1.0.0"}],"missing":[]}');
  expect(bad).toMatchObject({ kind: 'fault', text: expect.stringContaining('leftpad@1.0.0') });
});

test('a registry without the endpoint or without an answer results in a notice that hides its address', () => {
  const refused = '{"message":"405 Method Not Allowed - POST https://registry.example/-/npm/v1","statusCode":405}';
  for (const output of [refused, '', 'network timeout', '{"error":{}}']) {
    for (const { kind, text } of [judgeAudit(output), judgeSignatures(output)]) {
      expect(kind, output).toBe('notice');
      expect(text).not.toContain('registry.example');
    }
  }
});
