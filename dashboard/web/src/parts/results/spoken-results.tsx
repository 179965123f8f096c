import { useEffect, useRef, useState } from 'preact/hooks';
import { formatShare, plural } from '../../data/format.ts';
import type { RankedOption } from './ranking.ts';

const EVERY_MS = 20_000;
const SPOKEN_OPTIONS = 3;

/** Reports the results to screen readers: politely, at most three times a minute, and only after a change. */
export function SpokenResults({ options, total }: { options: readonly RankedOption[]; total: number }) {
  const text = `${plural(total, 'vote')}. ${options
    .slice(0, SPOKEN_OPTIONS)
    .map(({ label, count }) => `${label} ${formatShare(count, total)}`)
    .join(', ')}.`;
  const latest = useRef(text);
  latest.current = text;
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setInterval(() => setSpoken(latest.current), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="visually-hidden" aria-live="polite">
      {spoken}
    </p>
  );
}
