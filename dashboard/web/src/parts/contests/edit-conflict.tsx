import type { ContestView } from '../../../../api/contests.ts';
import { changedFields, draftOf, fieldName } from './contest-draft.ts';
import { fieldText } from './field-text.ts';

/** Shows what another admin changed during an edit, and asks how to resolve the conflict. */
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
        <strong>Another admin changed this contest in the meantime.</strong> Your changes are not saved yet.
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
          Save my changes too
        </button>
        <button type="button" onClick={props.onDiscard}>
          Discard my changes
        </button>
      </div>
    </div>
  );
}
