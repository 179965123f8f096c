/** Whether an Accept-Encoding header takes gzip. `q=0` refuses it. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:[,;\s]|$))/i.test(acceptEncoding ?? '');
}
