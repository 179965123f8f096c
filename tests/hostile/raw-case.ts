import type { HostileCase } from './hostile-case.ts';

/**
 * A case of raw bytes on an HTTP/1.1 connection. `text` is matched against the whole answer, headers included; if it
 * contains the status 202, the vote must be stored.
 */
export const rawCase = (name: string, bytes: string, text: RegExp, halfClose = false): HostileCase => ({
  transport: 'HTTP/1.1',
  name,
  sent: bytes,
  send: async (target) => {
    const answer = await target.exchange(bytes, halfClose);
    if (!text.test(answer)) return answer.slice(0, 60).replaceAll('\r\n', ' ') || 'closed';
    return answer.includes('"receipt"') ? 'stored' : 'as expected';
  },
  expected: [text.source.includes('202') ? 'stored' : 'as expected'],
});
