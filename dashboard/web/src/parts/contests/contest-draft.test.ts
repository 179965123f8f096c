import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContestView } from '../../../../api.ts';
import { contestFields, contestId, draftOf, fieldName, newOption } from './contest-draft.ts';

const idsOf = (...labels: string[]) =>
  contestFields({ ...draftOf(undefined), options: labels.map((label, n) => ({ ...newOption(n), label })) }).options.map(
    ({ id }) => id,
  );

test('an option is named after its label, and by its place where no letter can be kept', () => {
  assert.deepEqual(idsOf('Té negro', '猫', '犬', '', '  7 '), ['te-negro', 'option-2', 'option-3', 'option-4', '7']);
});

test('labels that come to the same id are told apart', () => {
  assert.deepEqual(idsOf('Sí', 'Si', 'SI!', 'si-2'), ['si', 'si-2', 'si-3', 'si-2-2']);
  const [first = '', second = ''] = idsOf('x'.repeat(200), 'x'.repeat(199));
  assert.deepEqual([first.length, second.length, second.endsWith('-2')], [64, 64, true]);
});

test('an option that is there keeps its id, and a new one does not take it', () => {
  const options = [newOption(0), { ...newOption(1), id: 'si', label: 'Yes', fixed: true }];
  const fields = contestFields({
    ...draftOf(undefined),
    options: [{ ...newOption(0), label: 'Sí' }, ...options.slice(1)],
  });
  assert.deepEqual(
    fields.options.map(({ id }) => id),
    ['si-2', 'si'],
  );
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
  assert.equal('closesAt' in contestFields({ ...draft, title: 'Dinner' }, contest), false);
  assert.equal(contestFields({ ...draft, closesAt: '' }, contest).closesAt, null);
  const later = contestFields({ ...draft, closesAt: '2026-03-02T12:00' }, contest).closesAt;
  assert.equal(later, new Date('2026-03-02T12:00').toISOString());
});

test('a contest is named after its title where that can be, and never like another one', () => {
  assert.equal(contestId('¿Café o té?', []), 'cafe-o-te');
  assert.equal(contestId('Lunch', ['lunch', 'lunch-2']), 'lunch-3');
  assert.match(contestId('昼ごはん', []), /^contest-[a-z0-9]{1,6}$/);
});

test('the fields of the API have the names of the form', () => {
  assert.equal(fieldName('options[1].id'), 'Option 2');
  assert.equal(fieldName('closesAt'), 'Closes');
  assert.equal(fieldName('else'), 'else');
});
