import type { Http2Stream } from '../../http2/stream/http2-stream.ts';
import type { RequestView } from './request-view.ts';

/** A request on an HTTP/2 stream. */
export class Http2RequestView implements RequestView {
  protected readonly stream: Http2Stream;

  constructor(stream: Http2Stream) {
    this.stream = stream;
  }

  get peer(): string {
    return this.stream.remoteAddress;
  }

  header(name: string): string | undefined {
    return this.stream.headers.get(name);
  }
}
