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
      // Each line clears the rest of the line before it, so that nothing flickers.
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
      // Nothing to restore.
    },
  };
}

/** A service may print what a client sent: it must not control the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: replacing them is the point
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
