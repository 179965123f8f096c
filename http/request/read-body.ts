/**
 * Reads a request's whole body. Resolves to undefined if it is longer than `maxBytes`, as soon as that is known;
 * rejects if the client disconnects before the end.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const announced = request.headers.get('content-length');
  // The HTTP server enforces the announced length.
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
