import { defineCommand, EXIT, UsageError } from '../command.ts';

/** `votewire completion bash|zsh`: a script that completes commands and options. */
export const command = defineCommand({
  positionals: 'bash | zsh',
  description: 'Prints a completion script. Load it with: source <(votewire completion bash)',
  options: {},
  async run({ commands, positionals: [shell, ...more], print }) {
    if ((shell !== 'bash' && shell !== 'zsh') || more.length > 0) throw new UsageError('Expected bash or zsh');
    const cases = await Promise.all(
      Object.entries(commands).map(async ([name, { load }]) => {
        const { command: loaded } = await load();
        const options = Object.keys(loaded.options).map((option) => `--${option}`);
        return `    ${name}) words="${['--help', ...options].join(' ')}" ;;`;
      }),
    );
    print(
      [
        ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
        '_votewire() {',
        '  local words',
        // Array indexes differ between bash and zsh, so the command is cut from the text of the line.
        '  case "$(printf "%s" "$COMP_LINE" | cut -d" " -f2)" in',
        ...cases,
        '  esac',
        `  [ "$COMP_CWORD" -eq 1 ] && words="${Object.keys(commands).join(' ')} help"`,
        '  COMPREPLY=($(compgen -W "$words" -- "$2"))',
        '}',
        'complete -F _votewire votewire',
      ].join('\n'),
    );
    return EXIT.ok;
  },
});
