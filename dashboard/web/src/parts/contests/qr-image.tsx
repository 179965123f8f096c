import { useMemo } from 'preact/hooks';
import { encodeQr } from './qr-code.ts';

/** Light modules around the symbol that a reader needs. */
const QUIET = 4;

/** A QR code, dark on white in every theme: readers expect that. */
export function QrImage({ text, label }: { text: string; label: string }) {
  const rows = useMemo(() => encodeQr(text), [text]);
  if (rows === undefined) return null;
  const size = rows.length + 2 * QUIET;
  const path = rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')))
    .join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
