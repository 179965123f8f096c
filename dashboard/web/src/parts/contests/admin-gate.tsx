import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { adminRejection, adminToken, checkAdminToken } from '../../data/admin.ts';
import { TokenForm } from '../shell/token-form.tsx';

/** Asks for the admin token once per tab, then shows its children. */
export function AdminGate({ children }: { children: ComponentChildren }) {
  const [known, setKnown] = useState(adminToken() !== undefined);
  useEffect(() => {
    const update = () => setKnown(adminToken() !== undefined);
    addEventListener('votewire-admin', update);
    return () => removeEventListener('votewire-admin', update);
  }, []);
  if (known) return children;
  const reason = adminRejection();
  return <TokenForm kind="admin" reason={reason} takesFocus={reason !== undefined} onSubmit={checkAdminToken} />;
}
