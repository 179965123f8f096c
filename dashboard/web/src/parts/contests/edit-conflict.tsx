import type { ContestView } from '../../../../api/contests.ts';
import { changedFields, draftOf, fieldName } from './contest-draft.ts';
import { fieldText } from './field-text.ts';

/** Shows what another admin changed while a contest was edited, and asks what to do. */
export function EditConflict(props: {
  base: ContestView;
  current: ContestView;
  onKeep: () => void;
  onDiscard: () => void;
}) {
  const { base, current } = props;
  const fields = Object.entries(changedFields(draftOf(current), base));
  const otherChange = base.status === current.status ? 'Its times were changed.' : `It is ${current.status} now.`;
  return (
    <div class="form-error" role="alert">
      <p>
        <strong>Another admin changed this contest meanwhile.</strong> Nothing was saved yet.
      </p>
      <ul>
        {fields.length === 0 && <li>{otherChange}</li>}
        {fields.map(([field, value]) => (
          <li key={field}>
            <strong>{fieldName(field)}: </strong>
            {fieldText(field, value)}
          </li>
        ))}
      </ul>
      <div class="row">
        <button type="button" onClick={props.onKeep}>
          Save mine on top
        </button>
        <button type="button" onClick={props.onDiscard}>
          Discard mine
        </button>
      </div>
    </div>
  );
}
