import { useEffect, useState } from 'preact/hooks';

const STEP_MS = 250;

/** The age of a time (milliseconds since 1970), updated four times a second while the component is mounted. */
export function useAge(time: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), STEP_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, now - time);
}
