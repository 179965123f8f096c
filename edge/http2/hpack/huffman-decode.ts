import { EOS, HUFFMAN_BITS, HUFFMAN_CODE } from './huffman-code.ts';

const EMITS = 1 << 16;
const FAILS = 1 << 17;
const SYMBOL_SHIFT = 8;
/** A tree with 257 leaves has 256 inner nodes, so a state fits in a byte. */
const LEAVES = 256;

/** Whether the bits since the last symbol, at each state, may be padding: at most 7, all ones (RFC 7541, 5.2). */
const MAY_END = new Uint8Array(256);
/**
 * The code's tree, walked four bits at a time. The shortest code has five bits, so a step completes at most one symbol.
 * Entry [state * 16 + bits]: next state, symbol in bits 8 to 15, EMITS, FAILS.
 */
const STEPS = buildSteps();

/** Decodes bytes[start, end) into `target`. Returns the number of bytes written; -1 for an invalid code. */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    const high = STEPS[state * 16 + (byte >>> 4)] ?? FAILS;
    if ((high & EMITS) !== 0) target[length++] = (high >>> SYMBOL_SHIFT) & 0xff;
    const low = STEPS[(high & 0xff) * 16 + (byte & 0xf)] ?? FAILS;
    if (((high | low) & FAILS) !== 0) return -1;
    if ((low & EMITS) !== 0) target[length++] = (low >>> SYMBOL_SHIFT) & 0xff;
    state = low & 0xff;
  }
  return MAY_END[state] === 1 ? length : -1;
}

/** Maximum decoded length of `bytes` of Huffman code; the shortest code has five bits. */
export function maxDecodedBytes(bytes: number): number {
  return Math.floor((bytes * 8) / 5);
}

function buildSteps(): Int32Array {
  const children = buildTree();
  markEnds(children);
  const steps = new Int32Array(256 * 16);
  for (let state = 0; state < 256; state++) {
    for (let bits = 0; bits < 16; bits++) steps[state * 16 + bits] = step(children, state, bits);
  }
  return steps;
}

/** Child of inner node n for bit b at [n * 2 + b]: an inner node, or LEAVES + a symbol. */
function buildTree(): Int16Array {
  const children = new Int16Array(256 * 2).fill(-1);
  let nodes = 1;
  for (let symbol = 0; symbol <= EOS; symbol++) {
    const code = HUFFMAN_CODE[symbol] ?? 0;
    let node = 0;
    for (let bit = (HUFFMAN_BITS[symbol] ?? 0) - 1; bit > 0; bit--) {
      const slot = node * 2 + ((code >>> bit) & 1);
      if (children[slot] === -1) children[slot] = nodes++;
      node = children[slot] ?? 0;
    }
    children[node * 2 + (code & 1)] = LEAVES + symbol;
  }
  return children;
}

function step(children: Int16Array, state: number, bits: number): number {
  let node = state;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = children[node * 2 + ((bits >>> bit) & 1)] ?? 0;
    if (next === LEAVES + EOS) return FAILS;
    if (next >= LEAVES) {
      emitted = EMITS | ((next - LEAVES) << SYMBOL_SHIFT);
      node = 0;
    } else node = next;
  }
  return emitted | node;
}

function markEnds(children: Int16Array): void {
  let node = 0;
  for (let bits = 0; bits <= 7; bits++) {
    MAY_END[node] = 1;
    node = children[node * 2 + 1] ?? 0;
  }
}
