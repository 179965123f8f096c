import { Icon } from '../shell/icon.tsx';
import { moveOption, newOption, type OptionDraft } from './contest-draft.ts';

/** The options of the contest form: label, color and order of each. */
export function OptionFields(props: {
  options: readonly OptionDraft[];
  onOptions: (options: readonly OptionDraft[]) => void;
}) {
  const { options, onOptions } = props;
  const edit = (index: number, part: Partial<OptionDraft>) =>
    onOptions(options.map((option, at) => (at === index ? { ...option, ...part } : option)));
  return (
    <fieldset>
      <legend>Options, in the order of the vote page</legend>
      {options.map((option, index) => (
        <div class="option-row" key={index}>
          <input
            type="color"
            aria-label={`Color of option ${index + 1}`}
            value={option.colour}
            onInput={(e) => edit(index, { colour: e.currentTarget.value })}
          />
          <input
            dir="auto"
            required
            maxLength={200}
            aria-label={`Label of option ${index + 1}`}
            value={option.label}
            onInput={(e) => edit(index, { label: e.currentTarget.value })}
          />
          <button
            type="button"
            class="quiet square"
            aria-label={`Move option ${index + 1} up`}
            disabled={index === 0}
            onClick={() => onOptions(moveOption(options, index, -1))}
          >
            <Icon name="up" />
          </button>
          <button
            type="button"
            class="quiet square"
            aria-label={`Move option ${index + 1} down`}
            disabled={index === options.length - 1}
            onClick={() => onOptions(moveOption(options, index, 1))}
          >
            <Icon name="down" />
          </button>
          <button
            type="button"
            class="quiet square"
            aria-label={`Remove option ${index + 1}`}
            title={option.fixed ? 'This option may already have votes' : undefined}
            disabled={option.fixed || options.length === 1}
            onClick={() => onOptions(options.toSpliced(index, 1))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" onClick={() => onOptions([...options, newOption(options.length)])}>
        <Icon name="plus" /> Add option
      </button>
    </fieldset>
  );
}
