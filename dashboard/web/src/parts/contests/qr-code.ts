/**
 * Encodes a text as a QR code (ISO/IEC 18004): byte mode, error correction level M, versions 1 to 10, which is up to 213
 * bytes. Returns rows of modules, true for dark; undefined where the text is too long.
 */
export function encodeQr(text: string): boolean[][] | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = VERSIONS.findIndex((_, index) => bytes.length <= capacity(index + 1)) + 1;
  if (version === 0) return undefined;
  const codewords = interleave(dataCodewords(bytes, version), version);
  const candidates = MASKS.map((_, mask) => drawSymbol(version, codewords, mask));
  const best = candidates.reduce((a, b) => (penalty(b) < penalty(a) ? b : a));
  return best;
}

/** Of each version at level M: error correction codewords a block, and the data codewords of each block. */
const VERSIONS: readonly { readonly ecc: number; readonly blocks: readonly number[] }[] = [
  { ecc: 10, blocks: [16] },
  { ecc: 16, blocks: [28] },
  { ecc: 26, blocks: [44] },
  { ecc: 18, blocks: [32, 32] },
  { ecc: 24, blocks: [43, 43] },
  { ecc: 16, blocks: [27, 27, 27, 27] },
  { ecc: 18, blocks: [31, 31, 31, 31] },
  { ecc: 22, blocks: [38, 38, 39, 39] },
  { ecc: 22, blocks: [36, 36, 36, 37, 37] },
  { ecc: 26, blocks: [43, 43, 43, 43, 44] },
];

/** Centres of the alignment patterns. */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
];

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function blocksOf(version: number): { ecc: number; blocks: readonly number[] } {
  return VERSIONS[version - 1] ?? { ecc: 0, blocks: [] };
}

function dataLength(version: number): number {
  return blocksOf(version).blocks.reduce((sum, size) => sum + size, 0);
}

/** Bytes of text that fit: the header takes 4 bits of mode and 8 or 16 of length. */
function capacity(version: number): number {
  return dataLength(version) - (version < 10 ? 2 : 3);
}

function dataCodewords(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const put = (value: number, length: number) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  const length = dataLength(version);
  put(0, Math.min(4, length * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const codewords: number[] = [];
  for (let i = 0; i < bits.length; i += 8)
    codewords.push(bits.slice(i, i + 8).reduce((value, bit) => value * 2 + bit, 0));
  for (let pad = 0xec; codewords.length < length; pad ^= 0xec ^ 0x11) codewords.push(pad);
  return codewords;
}

function interleave(data: readonly number[], version: number): number[] {
  const { ecc, blocks } = blocksOf(version);
  const parts = blocks.map((size, index) => {
    const start = blocks.slice(0, index).reduce((sum, before) => sum + before, 0);
    return data.slice(start, start + size);
  });
  const checks = parts.map((part) => reedSolomon(part, ecc));
  const result: number[] = [];
  for (const group of [parts, checks]) {
    const longest = Math.max(...group.map(({ length }) => length));
    for (let i = 0; i < longest; i++) {
      for (const part of group) {
        const value = part[i];
        if (value !== undefined) result.push(value);
      }
    }
  }
  return result;
}

/** Multiplies in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> i) & 1) * a;
  }
  return product;
}

function reedSolomon(data: readonly number[], degree: number): number[] {
  const divisor: number[] = Array.from({ length: degree }, (_, i) => (i === degree - 1 ? 1 : 0));
  let root = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) divisor[j] = multiply(divisor[j] ?? 0, root) ^ (divisor[j + 1] ?? 0);
    root = multiply(root, 2);
  }
  const rest: number[] = Array.from({ length: degree }, () => 0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [i, value] of divisor.entries()) rest[i] = (rest[i] ?? 0) ^ multiply(value, factor);
  }
  return rest;
}

/** A symbol in the making: which modules are dark, and which belong to a pattern and carry no data. */
class QrSymbol {
  readonly size: number;
  readonly dark: boolean[][];
  readonly #taken: boolean[][];

  constructor(size: number) {
    this.size = size;
    const rows = () => Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    this.dark = rows();
    this.#taken = rows();
  }

  readonly set: SetModule = (x, y, value) => {
    const row = this.dark[y];
    const taken = this.#taken[y];
    if (row === undefined || taken === undefined || x < 0 || x >= this.size) return;
    row[x] = value;
    taken[x] = true;
  };

  /** A square of rings around a centre; `light` are those that are not dark. */
  rings(cx: number, cy: number, radius: number, light: readonly number[]): void {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        this.set(cx + dx, cy + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  /** Free modules in the order of the data: columns of two from the right, up and down in turn. */
  *free(): Generator<readonly [number, number]> {
    for (let right = this.size - 1; right >= 1; right -= 2) {
      // The column of the timing pattern is left out.
      if (right === 6) right = 5;
      const upwards = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.size; step++) {
        const y = upwards ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) if (!this.#taken[y]?.[x]) yield [x, y];
      }
    }
  }
}

function drawSymbol(version: number, codewords: readonly number[], mask: number): boolean[][] {
  const size = version * 4 + 17;
  const symbol = new QrSymbol(size);
  for (let i = 0; i < size; i++) {
    symbol.set(6, i, i % 2 === 0);
    symbol.set(i, 6, i % 2 === 0);
  }
  symbol.rings(3, 3, 4, [2, 4]);
  symbol.rings(size - 4, 3, 4, [2, 4]);
  symbol.rings(3, size - 4, 4, [2, 4]);
  drawAlignment(symbol, ALIGNMENT[version - 1] ?? []);
  drawFormat(symbol.set, size, mask);
  if (version >= 7) drawVersion(symbol.set, size, version);

  const invert = MASKS[mask] ?? (() => false);
  let bit = 0;
  for (const [x, y] of symbol.free()) {
    const value = ((codewords[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1;
    bit++;
    const row = symbol.dark[y];
    if (row !== undefined) row[x] = (value === 1) !== invert(x, y);
  }
  return symbol.dark;
}

function drawAlignment(symbol: QrSymbol, centres: readonly number[]): void {
  const last = centres.at(-1);
  for (const cx of centres) {
    for (const cy of centres) {
      const atFinder = (cx === 6 && (cy === 6 || cy === last)) || (cx === last && cy === 6);
      if (!atFinder) symbol.rings(cx, cy, 2, [1]);
    }
  }
}

type SetModule = (x: number, y: number, value: boolean) => void;

/** Level M and the mask, twice, with their BCH check bits. */
function drawFormat(set: SetModule, size: number, mask: number): void {
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const bit = (i: number) => ((bits >>> i) & 1) === 1;
  for (let i = 0; i <= 5; i++) set(8, i, bit(i));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
  set(8, size - 8, true);
}

function drawVersion(set: SetModule, size: number, version: number): void {
  let rest = version;
  for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let i = 0; i < 18; i++) {
    const value = ((bits >>> i) & 1) === 1;
    const far = size - 11 + (i % 3);
    const near = Math.floor(i / 3);
    set(far, near, value);
    set(near, far, value);
  }
}

/** What makes a symbol hard to read: long runs, blocks, and an uneven share of dark. */
function penalty(dark: readonly (readonly boolean[])[]): number {
  const columns = dark.map((_, x) => dark.map((row) => row[x] ?? false));
  const modules = dark.flat();
  const share = modules.filter((module) => module).length / modules.length;
  const lines = [...dark, ...columns].reduce((sum, line) => sum + runs(line), 0);
  return lines + 3 * blocks(dark) + Math.floor(Math.abs(share - 0.5) * 20) * 10;
}

/** Three for a run of five modules alike, and one for each module more. */
function runs(line: readonly boolean[]): number {
  let sum = 0;
  let run = 0;
  for (const [i, module] of line.entries()) {
    run = i > 0 && module === line[i - 1] ? run + 1 : 1;
    if (run >= 5) sum += run === 5 ? 3 : 1;
  }
  return sum;
}

/** Squares of two by two modules alike. */
function blocks(dark: readonly (readonly boolean[])[]): number {
  let sum = 0;
  for (const [y, row] of dark.slice(0, -1).entries()) {
    const below = dark[y + 1] ?? [];
    for (let x = 0; x + 1 < row.length; x++) {
      const module = row[x];
      if (row[x + 1] === module && below[x] === module && below[x + 1] === module) sum++;
    }
  }
  return sum;
}
