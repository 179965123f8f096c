import { useState } from 'preact/hooks';
import { AdminGate } from '../contests/admin-gate.tsx';
import { AuditList } from './audit-list.tsx';

/** Changes by operators to all contests; loaded when opened. */
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
