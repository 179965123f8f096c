/** Replaces the password of every URL in the text, for logs and error messages. */
export function redactPasswords(urls: string): string {
  return urls.replaceAll(/:[^:@/,]*@/g, ':***@');
}
