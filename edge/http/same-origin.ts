/**
 * Whether a browser's Origin header names another site than the one it talks to. `null` (a sandboxed page, a file) is
 * foreign.
 *
 * @param publicOrigin what browsers see where a proxy changes the Host; empty: the Host is theirs
 */
export function isForeignOrigin(origin: string, host: string, publicOrigin: string): boolean {
  if (publicOrigin !== '' && origin === publicOrigin) return false;
  return origin !== `http://${host}` && origin !== `https://${host}`;
}
