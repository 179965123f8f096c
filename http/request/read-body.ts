/**
 * Reads a request's whole body. Resolves to undefined if it is longer than `maxBytes`, as soon as that is known; rejects
 * if the client leaves before the end.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const announced = request.headers.get('content-length');
  // The server holds the peer to the length it announced.
  if (announced !== null && !request.headers.has('transfer-encoding')) {
    return Number(announced) > maxBytes ? undefined : new Uint8Array(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
