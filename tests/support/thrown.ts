/** Returns what `run` throws; fails if it does not throw. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('Expected an error; nothing was thrown');
}
