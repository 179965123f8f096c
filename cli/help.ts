import type { Command, CommandTable, OptionSpecs } from './command.ts';

const WIDTH = 24;

/** The list of commands. */
export function helpOverview(commands: CommandTable): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => row(name, summary));
  return [
    'Usage: votewire <command> [options]',
    '',
    'Commands:',
    ...rows,
    '',
    'votewire <command> --help describes a command and its options.',
    'Exit codes: 0 done, 1 rejected or a negative result, 2 wrong usage or configuration, 3 failed.',
  ].join('\n');
}

/** The full description of one command. */
export function helpOf(name: string, { positionals, description, options }: Command): string {
  return [
    usageOf(name, positionals),
    '',
    description,
    '',
    'Options:',
    ...optionRows(options),
    row('-h, --help', 'Show this help'),
  ].join('\n');
}

export function usageOf(name: string, positionals: Command['positionals']): string {
  return [positionals]
    .flat()
    .map((form, at) => {
      const words = ['votewire', name, form, '[options]'].filter((word) => word !== '');
      return `${at === 0 ? 'Usage:' : '      '} ${words.join(' ')}`;
    })
    .join('\n');
}

function optionRows(options: OptionSpecs): string[] {
  return Object.entries(options).map(([name, { short, value, help, default: fallback }]) => {
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return row(flags, typeof fallback === 'string' ? `${help} (default: ${fallback})` : help);
  });
}

function row(left: string, right: string): string {
  return left.length < WIDTH ? `  ${left.padEnd(WIDTH)}${right}` : `  ${left}\n  ${''.padEnd(WIDTH)}${right}`;
}
