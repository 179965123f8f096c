import { expect, test } from 'vitest';
import type { ContestView } from '../../../../api/contests.ts';
import {
  changedFields,
  copyOf,
  draftOf,
  fieldName,
  moveOption,
  newFields,
  newOption,
  rebase,
  timeProblem,
  withoutField,
} from './contest-draft.ts';
import { changeTexts } from './field-text.ts';
import { contestId } from './option-ids.ts';

const contest: ContestView = {
  id: 'lunch',
  title: 'Lunch',
  rule: 'open',
  options: [
    { id: 'soup', label: 'Soup', colour: '#0b7285', attributes: {} },
    { id: 'salad', label: 'Salad', colour: '#d9480f', attributes: { with: 'bread' } },
  ],
  opensAt: null,
  closesAt: '2026-03-01T12:00:30.123Z',
  hidden: false,
  status: 'open',
  resultsHidden: false,
  tag: 'v1',
};

const idsOf = (...labels: string[]) =>
  newFields({ ...draftOf(undefined), options: labels.map((label, n) => ({ ...newOption(n), label })) }).options.map(
    ({ id }) => id,
  );

test('an option id comes from its label, or from its position if no character can be kept', () => {
  expect(idsOf('Té negro', '猫', '犬', '', '  7 ')).toStrictEqual([
    'te-negro',
    'option-2',
    'option-3',
    'option-4',
    '7',
  ]);
});

test('labels that would give the same id get different ids', () => {
  expect(idsOf('Sí', 'Si', 'SI!', 'si-2')).toStrictEqual(['si', 'si-2', 'si-3', 'si-2-2']);
  const [first = '', second = ''] = idsOf('x'.repeat(200), 'x'.repeat(199));
  expect([first.length, second.length, second.endsWith('-2')]).toStrictEqual([64, 64, true]);
});

test('an existing option keeps its id, and a new one gets another', () => {
  const options = [
    { ...newOption(0), label: 'Sí' },
    { ...newOption(1), id: 'si', label: 'Yes', fixed: true },
  ];
  expect(newFields({ ...draftOf(undefined), options }).options.map(({ id }) => id)).toStrictEqual(['si-2', 'si']);
});

test('an edit sends only changed fields, and an unchanged time keeps its seconds', () => {
  const draft = draftOf(contest);
  expect(changedFields(draft, contest)).toStrictEqual({});
  expect(changedFields({ ...draft, title: 'Dinner' }, contest)).toStrictEqual({ title: 'Dinner' });
  expect(changedFields({ ...draft, closesAt: '' }, contest)).toStrictEqual({ closesAt: null });
  const closesAt = new Date('2026-03-02T12:00').toISOString();
  expect(changedFields({ ...draft, closesAt: '2026-03-02T12:00' }, contest)).toStrictEqual({ closesAt });
  const moved = changedFields({ ...draft, options: moveOption(draft.options, 0, 1) }, contest);
  expect(moved.options?.map(({ id }) => id)).toStrictEqual(['salad', 'soup']);
});

test("a draft is rebased onto another admin's version", () => {
  const draft = { ...draftOf(contest), options: moveOption(draftOf(contest).options, 1, -1), closesAt: '' };
  const bread = { id: 'bread', label: 'Bread', colour: '#000000', attributes: {} };
  const current = { ...contest, title: 'Dinner', options: [...contest.options, bread], tag: 'v2' };
  const fields = changedFields(rebase(draft, contest, current), current);
  expect(Object.keys(fields)).toStrictEqual(['closesAt', 'options']);
  expect(fields.options?.map(({ id }) => id)).toStrictEqual(['salad', 'soup', 'bread']);
});

test('a copy has the options of the original and no times', () => {
  const { title, closesAt, options } = newFields(copyOf(contest));
  expect([title, closesAt, options[1]]).toStrictEqual(['Lunch (copy)', null, contest.options[1]]);
});

test('a contest id comes from its title if possible, and is unique', () => {
  expect(contestId('¿Café o té?', [])).toBe('cafe-o-te');
  expect(contestId('Lunch', ['lunch', 'lunch-2'])).toBe('lunch-3');
  expect(contestId('昼ごはん', [])).toMatch(/^contest-[a-z0-9]{1,6}$/);
});

test('API fields have the names of the form', () => {
  expect(fieldName('options[1].id')).toBe('Option 2');
  expect(fieldName('closesAt')).toBe('Closes');
  expect(fieldName('else')).toBe('else');
});

test('times that cannot work are explained without words of the API', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');
  const draft = { ...draftOf(undefined), closesAt: '2020-01-01T00:00' };
  expect(timeProblem(draft, undefined, now)?.message).toBe('must be in the future.');
  expect(timeProblem(draft, contest, now)?.message).toMatch(/use “Close now”/);
  expect(timeProblem({ ...draft, opensAt: '2099-01-02T00:00', closesAt: '2099-01-01T00:00' }, undefined, now)).toEqual({
    field: 'closesAt',
    message: 'must be later than the opening.',
  });
  expect(timeProblem({ ...draft, closesAt: '' }, contest, now)).toBe(undefined);
  expect(timeProblem(draftOf(contest), contest, Date.parse('2030-01-01T00:00:00.000Z')), 'left as it is').toBe(
    undefined,
  );
  const message = 'label must be 1 to 200 printable characters; got ""';
  expect(withoutField({ field: 'options[0].label', message })).toBe('must be 1 to 200 printable characters; got ""');
  expect(withoutField({ field: '', message })).toBe(message);
});

test('changes are shown in words: no colors beside other changes, no times of programs', () => {
  expect(changeTexts('options', 'Tea (#0b7285)', 'Tea (#0b7285), Coffee (#d9480f)')).toStrictEqual([
    'Tea',
    'Tea, Coffee',
  ]);
  expect(changeTexts('options', 'Tea (#0b7285)', 'Tea (#d9480f)')).toStrictEqual(['Tea (#0b7285)', 'Tea (#d9480f)']);
  expect(changeTexts('hidden', null, 'true')).toStrictEqual(['no', 'yes']);
  const [from, to] = changeTexts('closesAt', null, '2020-03-01T12:00:30.123Z');
  expect(from).toBe('by hand');
  expect(to).toMatch(/^\d+ [A-Z][a-z]+ 2020, \d\d:\d\d:30$/);
});
