import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openTerminal } from './terminal.ts';

const view = { addresses: [], services: [], status: undefined, upSeconds: 1, activity: '' };

test('without a terminal, lines are plain and service output has no control characters', () => {
  const { out, written } = fakeOutput({ isTTY: false });
  using terminal = openTerminal({ out, env: {} });
  terminal.line('edge', 'a\x1b[2Jb\x07c');
  terminal.show(view);
  expect(written()[0]).toBe('edge: ab c\n');
  expect(written().join('').includes('\x1b')).toBeFalsy();
});

test('on a terminal, draws the frame in place, restores the cursor and respects NO_COLOR', () => {
  const { out, written } = fakeOutput({ isTTY: true, columns: 80, rows: 24 });
  {
    using terminal = openTerminal({ out, env: { NO_COLOR: '1' } });
    terminal.line('edge', 'hello');
    terminal.show(view);
  }
  const text = written().join('');
  expect(text.includes('\x1b[H')).toBeTruthy();
  expect(text.includes('edge: hello\x1b[K\n')).toBeTruthy();
  expect(text.includes('\x1b[2m')).toBeFalsy();
  expect(text.endsWith('\x1b[?25h')).toBeTruthy();
});

function fakeOutput(properties: { isTTY: boolean; columns?: number; rows?: number }) {
  const lines: string[] = [];
  const stream = Object.assign(new PassThrough(), properties);
  stream.on('data', (chunk) => lines.push(String(chunk)));
  return { out: stream as unknown as NodeJS.WriteStream, written: () => lines };
}
