import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { adminToken, setAdminToken } from '../data/admin.ts';

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
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.trim() !== '') setAdminToken(token.trim());
  };
  return (
    <form class="token-form" onSubmit={submit}>
      <label for={id}>Admin token</label>
      <div class="row">
        <input
          id={id}
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" class="one-line">
          Use it
        </button>
      </div>
      <p class="muted small">
        It is ADMIN_TOKEN of this deployment (npm start keeps one in data/admin-token), and is kept until this tab is
        closed.
      </p>
    </form>
  );
}
