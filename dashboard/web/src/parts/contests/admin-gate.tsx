import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { adminRejection, adminToken, checkAdminToken } from '../../data/admin.ts';

/** Asks for the admin token once per tab, then shows its children. */
export function AdminGate({ children }: { children: ComponentChildren }) {
  const [known, setKnown] = useState(adminToken() !== undefined);
  useEffect(() => {
    const update = () => setKnown(adminToken() !== undefined);
    addEventListener('votewire-admin', update);
    return () => removeEventListener('votewire-admin', update);
  }, []);
  return known ? children : <TokenForm />;
}

function TokenForm() {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState(adminRejection());
  const [busy, setBusy] = useState(false);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The focused control disappeared together with the rejected token.
    if (adminRejection() !== undefined && document.activeElement === document.body) field.current?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(await checkAdminToken(token.trim()));
    setBusy(false);
  };
  return (
    <form class="token-form" onSubmit={submit}>
      {problem !== undefined && (
        <p class="form-error" role="alert">
          {problem.detail}
        </p>
      )}
      <label for={id}>Admin token</label>
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
      <p class="muted small">
        The value of ADMIN_TOKEN (<code>npm start</code> creates one in data/admin-token). It is kept until this tab is
        closed.
      </p>
    </form>
  );
}
