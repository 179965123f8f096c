import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
/** The row of each package by its name. */
const rows = new Map([...text.matchAll(/^\| `(\w+)\/` \|(.*)$/gm)].map(([, name = '', row = '']) => [name, row]));
/** Built, installed or generated folders, and folders that every package may have. */
const OTHER = ['node_modules', 'data', 'dist', 'build', 'results', 'seeds', 'testing'];
/** Folders by topic, which need not be listed. */
const BY_TOPIC = ['tests', 'docs', 'examples'];

function folders(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !OTHER.includes(entry.name))
    .map(({ name }) => name);
}

test('ARCHITECTURE.md has a row for each package', () => {
  expect([...rows.keys()].sort()).toStrictEqual(folders('.').sort());
});

test.each([...rows].filter(([name]) => !BY_TOPIC.includes(name)))(
  '%s/: the row names each of its folders',
  (name, row) => {
    for (const folder of folders(name)) expect(row, folder).toContain(`\`${folder}/\``);
  },
);

const packages = [...rows.keys()].join('|');
test.each(globSync(['*.md', 'docs/*.md'], { cwd: root }).filter((file) => file !== 'CHANGELOG.md'))(
  '%s names files and folders that exist',
  (file) => {
    const named = readFileSync(join(root, file), 'utf8').matchAll(new RegExp(`\`((?:${packages})/[\\w./-]+)\``, 'g'));
    for (const [, path = ''] of named) {
      if (
        path.startsWith('data/') ||
        path === 'http/protobuf' ||
        OTHER.some((folder) => path.split('/').includes(folder))
      )
        continue;
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  },
);
