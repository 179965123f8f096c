import { expect, test } from 'vitest';
import type { ContestView } from '../../../../api/contests.ts';
import { contestFields, contestId, draftOf, fieldName, newOption } from './contest-draft.ts';

const idsOf = (...labels: string[]) =>
  contestFields({ ...draftOf(undefined), options: labels.map((label, n) => ({ ...newOption(n), label })) }).options.map(
    ({ id }) => id,
  );

test('an option is named after its label, and by its place where no letter can be kept', () => {
  expect(idsOf('Té negro', '猫', '犬', '', '  7 ')).toStrictEqual([
    'te-negro',
    'option-2',
    'option-3',
    'option-4',
    '7',
  ]);
});

test('labels that come to the same id are told apart', () => {
  expect(idsOf('Sí', 'Si', 'SI!', 'si-2')).toStrictEqual(['si', 'si-2', 'si-3', 'si-2-2']);
  const [first = '', second = ''] = idsOf('x'.repeat(200), 'x'.repeat(199));
  expect([first.length, second.length, second.endsWith('-2')]).toStrictEqual([64, 64, true]);
});

test('an option that is there keeps its id, and a new one does not take it', () => {
  const options = [newOption(0), { ...newOption(1), id: 'si', label: 'Yes', fixed: true }];
  const fields = contestFields({
    ...draftOf(undefined),
    options: [{ ...newOption(0), label: 'Sí' }, ...options.slice(1)],
  });
  expect(fields.options.map(({ id }) => id)).toStrictEqual(['si-2', 'si']);
});

test('a closing time that is left as it is keeps its seconds', () => {
  const contest: ContestView = {
    id: 'lunch',
    title: 'Lunch',
    rule: 'open',
    options: [],
    opensAt: null,
    closesAt: '2026-03-01T12:00:30.123Z',
    hidden: false,
    status: 'open',
    resultsHidden: false,
  };
  const draft = draftOf(contest);
  expect('closesAt' in contestFields({ ...draft, title: 'Dinner' }, contest)).toBe(false);
  expect(contestFields({ ...draft, closesAt: '' }, contest).closesAt).toBe(null);
  const later = contestFields({ ...draft, closesAt: '2026-03-02T12:00' }, contest).closesAt;
  expect(later).toBe(new Date('2026-03-02T12:00').toISOString());
});

test('a contest is named after its title where that can be, and never like another one', () => {
  expect(contestId('¿Café o té?', [])).toBe('cafe-o-te');
  expect(contestId('Lunch', ['lunch', 'lunch-2'])).toBe('lunch-3');
  expect(contestId('昼ごはん', [])).toMatch(/^contest-[a-z0-9]{1,6}$/);
});

test('the fields of the API have the names of the form', () => {
  expect(fieldName('options[1].id')).toBe('Option 2');
  expect(fieldName('closesAt')).toBe('Closes');
  expect(fieldName('else')).toBe('else');
});
