import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePartition } from '../../../store/deployment/partition.ts';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { writeHeartbeat } from '../../../store/monitoring/heartbeats.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';
import { openApiSchemas } from './openapi-schemas.ts';

type Schema = Record<string, unknown>;

/** Where a value is not as its schema says; for the part of JSON Schema that openapi-schemas.ts uses. */
function mismatches(schema: Schema, value: unknown, at = '$'): string[] {
  if (typeof schema.$ref === 'string') {
    const target = openApiSchemas[schema.$ref.replace('#/components/schemas/', '')];
    return target === undefined ? [`${at}: ${schema.$ref} is not there`] : mismatches(target, value, at);
  }
  if (Array.isArray(schema.oneOf)) {
    const fits = schema.oneOf.filter((option: Schema) => mismatches(option, value, at).length === 0);
    return fits.length === 1 ? [] : [`${at}: fits ${fits.length} of the choices`];
  }
  if ('const' in schema) return value === schema.const ? [] : [`${at}: is not ${schema.const}`];
  if (Array.isArray(schema.enum))
    return schema.enum.includes(value) ? [] : [`${at}: ${value} is none of ${schema.enum}`];
  const types = [schema.type ?? []].flat() as string[];
  if (
    types.length > 0 &&
    !types.includes(typeOf(value)) &&
    !(types.includes('number') && typeOf(value) === 'integer')
  ) {
    return [`${at}: is ${typeOf(value)}, not ${types}`];
  }
  if (Array.isArray(value)) return itemMismatches(schema, value, at);
  if (typeof value === 'object' && value !== null) return propertyMismatches(schema, value as Schema, at);
  return scalarMismatches(schema, value, at);
}

function itemMismatches(schema: Schema, value: unknown[], at: string): string[] {
  return value.flatMap((item, index) => {
    const own = (schema.prefixItems as Schema[] | undefined)?.[index] ?? (schema.items as Schema | undefined) ?? {};
    return mismatches(own, item, `${at}[${index}]`);
  });
}

function propertyMismatches(schema: Schema, value: Schema, at: string): string[] {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const missing = ((schema.required ?? []) as string[]).filter((name) => !(name in value));
  const further = Object.entries(value).flatMap(([name, own]) => {
    const described = properties[name] ?? (schema.additionalProperties as Schema | undefined);
    // An answer with more than is described is an answer that is not described.
    return described === undefined ? [`${at}.${name}: is not described`] : mismatches(described, own, `${at}.${name}`);
  });
  return [...missing.map((name) => `${at}.${name}: is missing`), ...further];
}

function scalarMismatches(schema: Schema, value: unknown, at: string): string[] {
  const problems: string[] = [];
  if (typeof value === 'string') {
    if (typeof schema.pattern === 'string' && !new RegExp(schema.pattern).test(value)) problems.push(`${at}: ${value}`);
    if (schema.format === 'date-time' && new Date(value).toISOString() !== value) problems.push(`${at}: ${value}`);
  }
  if (typeof value === 'number' && value < Number(schema.minimum ?? Number.NEGATIVE_INFINITY)) {
    problems.push(`${at}: ${value} is too small`);
  }
  return problems;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

describe('every answer is as the API describes it', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await startDashboardFixture();
    await fixture.count('bandas', 'la-tona', 3);
    await fixture.log.append([
      testEntry(1),
      testEntry(2, { votes: [{ contest: 'bandas', attributes: { album: 'x' } }] }),
    ]);
    await ensurePartition(fixture.redis, 0);
    for (const role of ['consumer', 'edge'] as const) {
      await writeHeartbeat(fixture.redis, { role, name: 'one', startedAt: Date.now(), details: { pid: 1, up: true } });
    }
    const history = async () => (await fetch(`${fixture.url}/api/contests/bandas/history`)).text();
    await waitFor(async () => (await history()).includes(',3]'), { what: 'a sample' });
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  const answers: [string, string][] = [
    ['/api/contests', 'ContestList'],
    ['/api/contests/bandas', 'Contest'],
    ['/api/contests/bandas/results', 'Results'],
    ['/api/contests/bandas/history', 'History'],
    ['/api/logs', 'LogPage'],
    ['/api/system', 'System'],
    ['/api/dead-letters', 'DeadLetterList'],
    ['/api/bench', 'Bench'],
    ['/api/settings', 'Settings'],
    ['/api/contests/nothing', 'Problem'],
    ['/api/logs?x=1', 'Problem'],
  ];
  for (const [path, name] of answers) {
    test(`${path} is a ${name}`, async () => {
      const value = await (await fetch(fixture.url + path)).json();
      expect(mismatches(openApiSchemas[name] ?? {}, value)).toStrictEqual([]);
    });
  }
});
