import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ProblemView } from '../../../../api/problem.ts';
import { type TokenKind, tokenMessages } from './token-messages.ts';

interface TokenFormProps {
  readonly kind: TokenKind;
  /** Why an earlier token was dropped, or why a token is needed. */
  readonly reason?: ProblemView | undefined;
  /** Takes the focus if the focused control has disappeared. */
  readonly takesFocus?: boolean;
  /** Submits the token; resolves to the problem if it is not accepted. */
  readonly onSubmit: (token: string) => Promise<ProblemView | undefined>;
}

/** Asks for a token, in the reader's language. */
export function TokenForm({ kind, reason, takesFocus = false, onSubmit }: TokenFormProps) {
  const messages = tokenMessages(navigator.languages);
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState(reason);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus && document.activeElement === document.body) field.current?.focus();
  }, [takesFocus]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(await onSubmit(token.trim()));
    setBusy(false);
  };
  return (
    <form class="token-form" lang={messages.language} onSubmit={submit}>
      {problem !== undefined && (
        <p class="form-error" role="alert">
          {messages.problem(problem)}
        </p>
      )}
      <label for={id}>{messages.label[kind]}</label>
      <div class="row">
        <input
          ref={field}
          id={id}
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" class="one-line" disabled={busy}>
          {messages.submit}
        </button>
      </div>
      <p class="muted small">
        {messages.help[kind].split('`').map((part, at) => (at % 2 === 0 ? part : <code>{part}</code>))}
      </p>
    </form>
  );
}
