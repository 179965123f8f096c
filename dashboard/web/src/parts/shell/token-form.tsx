import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ProblemView } from '../../../../api/problem.ts';

interface TokenFormProps {
  readonly label: string;
  /** Why an earlier token was dropped, or why one is needed. */
  readonly reason?: ProblemView | undefined;
  /** Moves the focus here if the focused control disappeared. */
  readonly takesFocus?: boolean;
  /** Where to find the token and how long it is kept. */
  readonly children: ComponentChildren;
  /** Tries the token; resolves to the problem if it is not accepted. */
  readonly onSubmit: (token: string) => Promise<ProblemView | undefined>;
}

/** Asks for a token. */
export function TokenForm({ label, reason, takesFocus = false, children, onSubmit }: TokenFormProps) {
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
    <form class="token-form" onSubmit={submit}>
      {problem !== undefined && (
        <p class="form-error" role="alert">
          {problem.detail}
        </p>
      )}
      <label for={id}>{label}</label>
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
          Use token
        </button>
      </div>
      <p class="muted small">{children}</p>
    </form>
  );
}
