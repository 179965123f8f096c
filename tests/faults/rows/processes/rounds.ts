/** How often the faults that need luck are repeated. */
export const rounds = Number(process.env.FAULT_ROUNDS ?? 4);
