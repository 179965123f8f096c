import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('ARCHITECTURE.md gives a reason for exactly the packages in package.json', () => {
  const { dependencies, devDependencies, optionalDependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
  const named = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const [, section = ''] = readFileSync('ARCHITECTURE.md', 'utf8').split('\n## Dependencies\n');
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(explained.sort()).toStrictEqual(named.sort());
});
