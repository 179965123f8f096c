import { expect, test } from 'vitest';
import { TurnGate } from './turn-gate.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a few tasks begin at once, the others in the next turns and in order', async () => {
  const gate = new TurnGate(2);
  const begun: number[] = [];
  for (let n = 0; n < 5; n++) gate.run(() => begun.push(n));
  expect(begun).toStrictEqual([0, 1]);
  await turn();
  expect(begun).toStrictEqual([0, 1, 2, 3]);
  gate.run(() => begun.push(5));
  await turn();
  expect(begun).toStrictEqual([0, 1, 2, 3, 4, 5]);
  await turn();
  gate.run(() => begun.push(6));
  expect(begun.at(-1)).toBe(6);
});
