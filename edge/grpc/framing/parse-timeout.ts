const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * The value of a `grpc-timeout` header in milliseconds, at most 8 digits and a unit
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Undefined where it is not one.
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
