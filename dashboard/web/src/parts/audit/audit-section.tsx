import { useState } from 'preact/hooks';
import { AdminGate } from '../contests/admin-gate.tsx';
import { AuditList } from './audit-list.tsx';

/** What operators changed, of all contests; read when it is opened. */
export function AuditSection() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="card report" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Changes by operators</h2>
      </summary>
      {isOpen && (
        <AdminGate>
          <AuditList />
        </AdminGate>
      )}
    </details>
  );
}
