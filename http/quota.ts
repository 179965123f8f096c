/** The state of a caller's quota, for the RateLimit fields of the IETF httpapi draft. */
export interface Quota {
  /** What is limited, such as `votes`. */
  readonly name: string;
  /** How much is allowed at once. */
  readonly limit: number;
  /** Seconds until a used-up quota is fully restored. */
  readonly windowS: number;
  readonly remaining: number;
  /** Seconds until this quota is fully restored. */
  readonly resetS: number;
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers). */
export function rateLimitFields({ name, limit, windowS, remaining, resetS }: Quota): Record<string, string> {
  return {
    'ratelimit-policy': `"${name}";q=${limit};w=${windowS}`,
    ratelimit: `"${name}";r=${remaining};t=${resetS}`,
  };
}
