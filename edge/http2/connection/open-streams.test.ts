import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Http2Stream } from '../stream/http2-stream.ts';
import { OpenStreams } from './open-streams.ts';

// The table reads only the id.
const streamOf = (id: number) => ({ id }) as Http2Stream;

test('holds the same streams as a Map after any sequence of opens and closes', () => {
  const id = fc.integer({ min: 0, max: 60 }).map((n) => 2 * n + 1);
  const step = fc.record({ id, opens: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new OpenStreams();
      const model = new Map<number, Http2Stream>();
      for (const { id, opens } of steps) {
        if (!opens) {
          table.delete(id);
          model.delete(id);
        } else if (!model.has(id)) {
          const stream = streamOf(id);
          table.add(stream);
          model.set(id, stream);
        }
        expect(table.size).toBe(model.size);
      }
      for (let id = 1; id <= 121; id += 2) expect(table.get(id)).toBe(model.get(id));
      expect(new Set(table.values())).toStrictEqual(new Set(model.values()));
    }),
  );
});

test('an iteration does not visit a stream that is closed meanwhile', () => {
  const table = new OpenStreams();
  for (const id of [1, 3, 5, 7]) table.add(streamOf(id));
  const visited: number[] = [];
  for (const { id } of table.values()) {
    visited.push(id);
    for (const other of [1, 3, 5, 7]) if (other !== id) table.delete(other);
  }
  expect(visited.length).toBe(1);
  expect(table.size).toBe(1);
});
