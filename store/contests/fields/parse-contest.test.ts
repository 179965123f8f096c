import { assert, expect, test } from 'vitest';
import { parseContest, parseStoredContest } from './parse-contest.ts';

const lunch = { id: 'lunch', title: 'Lunch', rule: 'open', options: [{ id: 'soup' }, { id: 'salad' }] };

test('fills in defaults and converts times to UTC', () => {
  const parsed = parseContest({ ...lunch, opensAt: '2030-01-31T20:00-02:00' });
  assert(parsed.ok);
  expect(parsed.contest).toStrictEqual({
    ...lunch,
    options: [
      { id: 'soup', label: 'soup', colour: '#0b7285', attributes: {} },
      { id: 'salad', label: 'salad', colour: '#d9480f', attributes: {} },
    ],
    opensAt: '2030-01-31T22:00:00.000Z',
    closesAt: null,
    hidden: false,
  });
  expect(parseStoredContest(JSON.stringify(parsed.contest))).toStrictEqual(parsed);
});

test('names every invalid field with its rule and value', () => {
  const parsed = parseContest({
    ...lunch,
    title: 'a\nb',
    rule: 'most-votes',
    options: [{ id: 'A' }, { id: 'soup', colour: 'red' }],
    opensAt: '2031-01-01T00:00:00Z',
    closesAt: '2030-01-01T00:00:00Z',
    admin: true,
  });
  assert(!parsed.ok);
  expect(parsed.errors.map(({ field, message }) => `${field}: ${message}`)).toStrictEqual([
    'title: title must be 1 to 200 printable characters; got "a\\nb".',
    'rule: rule must be "one-per-voter" or "open"; got "most-votes".',
    'options[0].id: id must be 1 to 64 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit; got "A".',
    'options[1].colour: colour must be a hex color such as #0b7285; got "red".',
    'admin: A contest has no field "admin". Its fields are id, title, rule, options, opensAt, closesAt, hidden, browsersOnly.',
    'closesAt: closesAt must be later than opensAt.',
  ]);
});

test('names a missing field, and rejects a value that is not an object', () => {
  const { title: _, ...rest } = lunch;
  expect(parseContest(rest)).toStrictEqual({
    ok: false,
    errors: [{ field: 'title', message: 'A contest must have the field "title".' }],
  });
  expect(parseContest('lunch')).toStrictEqual({
    ok: false,
    errors: [{ field: '', message: 'A contest must be a JSON object; got "lunch".' }],
  });
});

test('treats names of Object.prototype members as fields', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const parsed = parseContest(JSON.parse(`{"${name}":1,${JSON.stringify(lunch).slice(1)}`));
    assert(!parsed.ok);
    expect(parsed.errors[0]?.field).toBe(name);
    const odd = JSON.parse(`{"id":"soup","attributes":{"${name}":1}}`);
    expect(parseContest({ ...lunch, options: [odd] }).ok).toBe(false);
  }
  expect(parseContest({ ...lunch, options: [{ id: 'soup', attributes: ['x'] }] }).ok).toBe(false);
});

test('a stored contest may have fields of a newer version; damaged JSON results in an error value', () => {
  const parsed = parseStoredContest(JSON.stringify({ ...lunch, sponsor: 'none' }));
  assert(parsed.ok && !('sponsor' in parsed.contest));
  for (const json of ['{"id":"lunch"', '[]', '"lunch"', '{}']) expect(parseStoredContest(json).ok, json).toBe(false);
});
