/** How often faults that depend on timing are repeated. */
export const rounds = Number(process.env.FAULT_ROUNDS ?? 4);
