const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * Parses a `grpc-timeout` header, at most 8 digits and a unit, to milliseconds
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Undefined if it is malformed.
 */
export function parseTimeout(value: string): number | undefined {
  const digits = value.length - 1;
  const unit = UNIT_MS[value.charAt(digits)];
  if (unit === undefined || digits < 1 || digits > 8) return undefined;
  let amount = 0;
  for (let i = 0; i < digits; i++) {
    const digit = value.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    amount = amount * 10 + digit;
  }
  return amount * unit;
}
