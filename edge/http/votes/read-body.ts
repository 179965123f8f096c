/**
 * The whole body; undefined where it is longer than `limit`, as soon as that is known.
 *
 * @param announced the Content-Length header
 */
export function readBody(
  request: Request,
  limit: number,
  announced: string | undefined,
): Promise<Uint8Array | undefined> {
  if (announced === undefined) return readChunks(request, limit);
  // The server holds the peer to what it announced.
  return Number(announced) > limit ? Promise.resolve(undefined) : request.arrayBuffer().then(toBytes);
}

function toBytes(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(buffer);
}

async function readChunks(request: Request, limit: number): Promise<Uint8Array | undefined> {
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
