/** The server rejected a request; the message is the server's explanation. */
export class RejectedRequest extends Error {
  override readonly name = 'RejectedRequest';
}

/**
 * Sends a request and returns its successful response.
 *
 * @throws {RejectedRequest} with the problem's detail if the status is 4xx, other than 408
 * @throws {Error} with the problem's detail for other statuses; naming the address if the server does not answer
 */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    throw noAnswer(url, cause?.code ?? cause?.message ?? `${error}`);
  }
  const { ok, status } = response;
  if (ok) return response;
  const message = describe(status, await response.text());
  // 502 and 504 come from a proxy whose server may have done the work.
  throw status < 500 && status !== 408 ? new RejectedRequest(message) : new Error(message);
}

export function noAnswer(url: string, reason: string): Error {
  return new Error(`${new URL(url).origin} does not answer: ${reason}. Start it, or name another address (see --help)`);
}

function describe(status: number, body: string): string {
  try {
    const { title, detail, code } = JSON.parse(body) as { title?: string; detail?: string; code?: string };
    return [detail ?? title, code === undefined ? '' : `(${code})`].filter(Boolean).join(' ') || `HTTP ${status}`;
  } catch {
    // Not a problem document, so a proxy answered.
    return `HTTP ${status}: ${body.slice(0, 200)}`;
  }
}
