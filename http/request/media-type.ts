/** The media type of a Content-Type, in lower case without parameters; empty if its charset is not UTF-8. */
export function mediaType(contentType: string): string {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const otherCharset = parameters.some(
    (text) => /^\s*charset\s*=/.test(text) && !/=\s*("utf-?8"|utf-?8)\s*$/.test(text),
  );
  return otherCharset ? '' : type.trim();
}

/** True if a Content-Encoding names anything but identity. Codings are case-insensitive. */
export function isCompressed(contentEncoding: string | undefined): boolean {
  return contentEncoding !== undefined && !/^\s*(identity)?\s*$/i.test(contentEncoding);
}
