import { stripVTControlCharacters } from 'node:util';
import { drawLine, drawScreen, type ScreenView } from './screen.ts';

/** The output of `npm start`: a screen redrawn in place on a terminal, plain lines elsewhere. */
export interface Terminal extends Disposable {
  readonly interactive: boolean;
  /** Shows a line printed by a service. */
  line(service: string, text: string): void;
  /** Draws the screen; without a terminal, prints one line. */
  show(view: Omit<ScreenView, 'messages'>): void;
}

interface TerminalOptions {
  readonly out: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openTerminal({ out, env }: TerminalOptions): Terminal {
  const interactive = out.isTTY === true && env.TERM !== 'dumb';
  return interactive ? openScreen(out, (env.NO_COLOR ?? '') === '') : openLines(out);
}

function openScreen(out: NodeJS.WriteStream, color: boolean): Terminal {
  let messages: string[] = [];
  // Clears the screen once and hides the cursor; earlier output stays in the scrollback.
  out.write('\x1b[?25l\x1b[2J');
  return {
    interactive: true,
    line(service, text) {
      messages = [...messages.slice(-19), `${service}: ${printable(text)}`];
    },
    show(view) {
      const lines = drawScreen({ ...view, messages }, { columns: out.columns, rows: out.rows }, color);
      // Each line clears the remainder of its row: clearing the whole screen would flicker.
      out.write(`\x1b[H${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    },
    [Symbol.dispose]() {
      out.write('\x1b[?25h');
    },
  };
}

function openLines(out: NodeJS.WriteStream): Terminal {
  return {
    interactive: false,
    line: (service, text) => out.write(`${service}: ${printable(text)}\n`),
    show: (view) => out.write(`${drawLine({ ...view, messages: [] })}\n`),
    [Symbol.dispose]() {
      // There is nothing to restore.
    },
  };
}

/** Replaces control characters: a service may print text from a client, which must not control the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
