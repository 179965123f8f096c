import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { adminRefusal, adminToken, tryAdminToken } from '../../data/admin.ts';

/** Asks for the admin token once a tab, and then shows what is inside. */
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
  const [problem, setProblem] = useState(adminRefusal());
  const [busy, setBusy] = useState(false);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // What had the focus went away with the token that was refused.
    if (adminRefusal() !== undefined && document.activeElement === document.body) field.current?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(await tryAdminToken(token.trim()));
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
          Use it
        </button>
      </div>
      <p class="muted small">
        It is ADMIN_TOKEN of this deployment (<code>npm start</code> keeps one in data/admin-token), and is kept until
        this tab is closed.
      </p>
    </form>
  );
}
