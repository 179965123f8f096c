import { expect, test } from 'vitest';
import { drawQr } from './qr-image.tsx';

for (const [text, modules] of [
  ['https://vote.example.org/c/bandas', 29],
  ['http://localhost:8080/c/cats-vs-dogs', 29],
  [`https://vote.example.org/c/${'x'.repeat(64)}`, 41],
] as const) {
  test(`${text.length} bytes are drawn as a symbol of ${modules} modules with a quiet zone`, () => {
    const { size, path } = drawQr(text);
    expect(size).toBe(modules + 8);
    const places = [...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    // The corners of the three finder patterns.
    for (const [x, y] of [
      [4, 4],
      [modules + 3, 4],
      [4, modules + 3],
    ] as const) {
      expect(places).toContainEqual([x, y]);
    }
    for (const [x, y] of places) {
      expect(x >= 4 && y >= 4 && x < modules + 4 && y < modules + 4).toBe(true);
    }
  });
}
