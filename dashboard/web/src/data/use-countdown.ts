import { useEffect, useState } from 'preact/hooks';

/** The time left until `time` (ISO 8601) as `1:05:09`; undefined if `time` is null, past, or a day or more away. */
export function useCountdown(time: string | null): string | undefined {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (time === null) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [time]);
  const left = time === null ? 0 : Date.parse(time) - now;
  return left > 0 && left < 86_400_000 ? clock(Math.ceil(left / 1000)) : undefined;
}

function clock(seconds: number): string {
  const two = (value: number) => `${value}`.padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
