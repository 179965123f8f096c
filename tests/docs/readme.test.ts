import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../cli/commands.ts';
import { readOrCreateAdminToken } from '../../supervisor/admin-token.ts';
import { readStartConfig, type StartConfig } from '../../supervisor/config.ts';
import { type RunningSystem, startSystem } from '../../supervisor/running-system.ts';
import { findGoTool, type GoTool } from '../../tools/test/go-tool.ts';
import { testNeeding } from '../support/needing.ts';
import { knownVariables } from './known-variables.ts';
import { readShellBlocks, type ShellBlock } from './readme.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const configuration = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
const blocks = readShellBlocks(root, 'README.md');
const DOCS = globSync(['*.md', 'docs/*.md', 'deploy/*/README.md', 'bench/README.md', 'examples/README.md'], {
  cwd: root,
});
/** Files written by a command. */
const WRITTEN = /^bench\/results\//;

describe('README commands marked as checked', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'votewire-readme-'));
  let config: StartConfig;
  let system: RunningSystem | undefined;

  beforeAll(async () => {
    const token = readOrCreateAdminToken(dataDir);
    const ports = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0' };
    config = await readStartConfig({ ...process.env, ...ports, DATA_DIR: dataDir, ADMIN_TOKEN: token, CONSUMERS: '1' });
    system = await startSystem(config, { onLine: () => undefined, onActivity: () => undefined });
    await system.seedOnce();
  });
  afterAll(async () => {
    await system?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  for (const block of blocks.filter(({ checked }) => checked)) {
    const tools = block.needs.map((name) => findGoTool(name as GoTool));
    const missing = tools.includes(undefined) && `${block.needs} is not installed`;
    testNeeding(missing)(`line ${block.line}: ${block.text.trim().split('\n')[0]}`, () => {
      const output = runBlock(block, tools);
      expect(output.trim().length, 'no output').toBeGreaterThan(0);
      expect(output, 'a request failed').not.toMatch(/"status":[45]\d\d/);
    });
  }

  /** Runs the block with the ports and the data folder of this test. */
  function runBlock({ text }: ShellBlock, tools: readonly (string | undefined)[]): string {
    const { edge, dashboard } = config;
    const script = text
      .replaceAll('localhost:8080', `localhost:${edge.port}`)
      .replaceAll('localhost:8090', `localhost:${dashboard.port}`)
      .replaceAll('data/admin-token', join(dataDir, 'admin-token'));
    const path = [...tools.map((tool) => dirname(tool ?? '')), process.env.PATH].join(':');
    const env = { ...process.env, PATH: path, REDIS_URL: system?.redisUrls.join(','), DATA_DIR: dataDir };
    const run = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env, encoding: 'utf8' });
    expect(run.status, `${run.stdout}\n${run.stderr}`).toBe(0);
    return run.stdout;
  }
});

describe('other commands of the docs', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const services = Object.keys(parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')).services);

  for (const file of DOCS) {
    for (const block of readShellBlocks(root, file).filter(({ checked }) => !checked || file !== 'README.md')) {
      test(`${file} line ${block.line} is valid shell and refers to existing scripts and files`, () => {
        const syntax = spawnSync('bash', ['-n', '-c', block.text], { encoding: 'utf8' });
        expect(syntax.status, syntax.stderr).toBe(0);
        for (const [, script] of block.text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g)) {
          expect(Object.hasOwn(scripts, script ?? ''), `npm run ${script}`).toBeTruthy();
        }
        for (const [, name] of block.text.matchAll(/--scale ([a-z]+)=|up ([a-z]+)$/gm)) {
          if (name !== undefined) expect(services.includes(name), name).toBeTruthy();
        }
        for (const [path] of block.text.matchAll(
          /(?<![\w/.])(?:deploy|\.ci|bench|proto|consumer|examples)\/[\w./-]*\w/g,
        )) {
          expect(existsSync(join(root, path)) || WRITTEN.test(path), path).toBeTruthy();
        }
        for (const [, command] of block.text.matchAll(/(?:^|npx |exec \w+ )votewire ([a-z-]+)/gm)) {
          expect(Object.hasOwn(COMMANDS, command ?? ''), `votewire ${command}`).toBeTruthy();
        }
      });
    }
  }
});

test('docs/configuration.md lists exactly the variables that a service reads', () => {
  expect([...variableRows(configuration).keys()].sort()).toStrictEqual([...knownVariables(root)].sort());
});

for (const file of DOCS)
  test(`${file} links to existing files`, () => {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(root, dirname(file), target)), target).toBeTruthy();
    }
  });

/** The rows of the tables of variables, by the name. */
function variableRows(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^\| `([A-Z_]+)` \|.*$/gm)].map(([row, name = '']) => [name, row]));
}

describe('README', () => {
  test('repeats rows of docs/configuration.md only', () => {
    const listed = variableRows(configuration);
    for (const [name, row] of variableRows(readme)) expect(listed.get(name), name).toBe(row);
  });

  test('has the markers of the bench report once', () => {
    expect(readme.split('<!-- bench:start -->').length).toBe(2);
    expect(readme.split('<!-- bench:end -->').length).toBe(2);
  });
});
