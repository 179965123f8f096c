import { expect, test } from 'vitest';
import { benchProgress } from './bench-progress.ts';

test('reads the progress that the bench prints', () => {
  expect(benchProgress(['32 cells in 8 blocks.'])).toBe(undefined);
  const output = [
    '[pass 1/2, block 4/4, 2 min 5 s left] batch',
    '[pass 2/2, block 1/4, 40 s left] single, 64 connections',
    '    http1: 12 CPU-s per million',
  ];
  expect(benchProgress(output)).toStrictEqual({ share: 5 / 8, text: '40 s left, measured single, 64 connections' });
});
