import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Dialog } from '../shell/dialog.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** A text to type, for actions that cannot be undone. */
  readonly typed?: string;
  readonly action: string;
  readonly cancel: string;
  readonly onCancel: () => void;
  readonly onConfirm: () => void;
}

/** Asks for confirmation, so that an accidental press does not end a vote in front of an audience. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { typed } = props;
  const [text, setText] = useState('');
  const id = useId();
  return (
    <Dialog title={props.title} onClose={props.onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === undefined || text === typed) props.onConfirm();
        }}
      >
        {props.children}
        {typed !== undefined && (
          <>
            <label for={id}>
              Type <code>{typed}</code> to confirm
            </label>
            <input
              id={id}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </>
        )}
        <div class="row end">
          <button type="button" onClick={props.onCancel}>
            {props.cancel}
          </button>
          <button type="submit" class="primary" disabled={typed !== undefined && text !== typed}>
            {props.action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
