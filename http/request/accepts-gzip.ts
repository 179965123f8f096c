/** True if an Accept-Encoding header accepts gzip. `q=0` rejects it. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:[,;\s]|$))/i.test(acceptEncoding ?? '');
}
