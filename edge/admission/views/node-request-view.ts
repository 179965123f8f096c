import type { IncomingMessage } from 'node:http';
import type { RequestView } from './request-view.ts';

/** A request of Node's HTTP servers. */
export class NodeRequestView implements RequestView {
  protected readonly req: Pick<IncomingMessage, 'headers' | 'socket' | 'url'>;

  constructor(req: Pick<IncomingMessage, 'headers' | 'socket' | 'url'>) {
    this.req = req;
  }

  get peer(): string {
    return this.req.socket.remoteAddress ?? '';
  }

  header(name: string): string | undefined {
    return this.req.headers[name] as string | undefined;
  }
}
