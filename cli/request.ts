/** The server answered with an error; the message is the server's explanation. */
export class RejectedRequest extends Error {
  override readonly name = 'RejectedRequest';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a request and returns its successful response.
 *
 * @throws {RejectedRequest} with the problem's detail if the status is not 2xx
 * @throws {Error} naming the address if the server does not answer
 */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    throw new Error(`${new URL(url).origin} does not answer: ${cause?.code ?? cause?.message ?? error}`);
  }
  if (response.ok) return response;
  throw new RejectedRequest(response.status, describe(response.status, await response.text()));
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
