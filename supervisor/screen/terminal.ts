import { stripVTControlCharacters } from 'node:util';
import { drawLine, drawScreen, type ScreenView } from './screen.ts';

/** Where `npm start` shows how it is doing: a picture that is drawn anew in a terminal, plain lines elsewhere. */
export interface Terminal extends Disposable {
  readonly interactive: boolean;
  /** A line that a part said. */
  line(part: string, text: string): void;
  /** Draws the picture; without a terminal, prints one line. */
  show(view: Omit<ScreenView, 'messages'>): void;
}

export interface TerminalOptions {
  readonly out: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openTerminal({ out, env }: TerminalOptions): Terminal {
  const interactive = out.isTTY === true && env.TERM !== 'dumb';
  return interactive ? openScreen(out, (env.NO_COLOR ?? '') === '') : openLines(out);
}

function openScreen(out: NodeJS.WriteStream, colour: boolean): Terminal {
  let messages: string[] = [];
  // Clears the screen once and hides the cursor; what scrolled by before stays above.
  out.write('\x1b[?25l\x1b[2J');
  return {
    interactive: true,
    line(part, text) {
      messages = [...messages.slice(-19), `${part}: ${printable(text)}`];
    },
    show(view) {
      const lines = drawScreen({ ...view, messages }, { columns: out.columns, rows: out.rows }, colour);
      // Each line clears what it leaves of the one before it, so that nothing flickers.
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
    line: (part, text) => out.write(`${part}: ${printable(text)}\n`),
    show: (view) => out.write(`${drawLine({ ...view, messages: [] })}\n`),
    [Symbol.dispose]() {
      // Nothing was changed.
    },
  };
}

/** A part may repeat what a stranger sent: nothing of it may steer the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
