import { expect, test } from 'vitest';
import { acceptsGzip } from './accepts-gzip.ts';

test('gzip is accepted if it is listed with a quality above 0', () => {
  for (const header of ['gzip', 'br, GZIP', 'gzip;q=0.5', 'deflate, gzip;q=1.0', 'gzip ; q=0.01']) {
    expect(acceptsGzip(header), header).toBe(true);
  }
  for (const header of [undefined, '', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'gzipped']) {
    expect(acceptsGzip(header), header).toBe(false);
  }
});
