/**
 * `npm run bench:mac`: CPU time of the WebAssembly MACs compared with node:crypto, in the product's use cases. Also
 * runs on Bun and Deno: `bun bench/micro/mac.ts`, `deno run -A --no-check bench/micro/mac.ts`.
 */
import { createHmac, hash } from 'node:crypto';
import { printHelp } from '../../tools/print-help.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { ReceiptMac } from '../../wasm/mac/receipt-mac.ts';
import { VOTER_KEY_BYTES, VoterKeys } from '../../wasm/mac/voter-key.ts';
import { median } from '../statistics/median.ts';

const USAGE = `npm run bench:mac   the CPU time of the WebAssembly MACs beside those of node:crypto

  MAC_BENCH_ROUNDS=N   slices per case; default 15`;

printHelp(USAGE);

/** Votes of an average entry under load. */
const VOTERS = 500;
const ROUNDS = Number(process.env.MAC_BENCH_ROUNDS ?? 15);
const SLICE_MS = 50;
const BLOCK_BYTES = 64;

const secret = Buffer.alloc(32, 7);
const ids = Array.from({ length: VOTERS }, (_, at) => Buffer.from(`voter-${100_000 + at}`));
const entry = Buffer.concat(ids);
const starts = Uint32Array.from(ids, (_, at) => at * 12);
const ends = starts.map((start) => start + 12);
const voterKeys = new VoterKeys(loadModule('mac'), secret);
const receiptMac = new ReceiptMac(loadModule('mac'), secret);
const receipt = new Uint8Array(24);
const hmacKey = createHmac('sha256', secret).update('votewire voter key').digest();
const padded = (pad: number) => Buffer.alloc(BLOCK_BYTES, pad).map((byte, at) => byte ^ (hmacKey[at] ?? 0));
const inner = Buffer.concat([padded(0x36), Buffer.alloc(12)]);
const outer = Buffer.concat([padded(0x5c), Buffer.alloc(32)]);
const keys = new Uint8Array(VOTERS * VOTER_KEY_BYTES);

/** HMAC-SHA-256 from two one-shot hashes: the fastest form that node:crypto has for short messages. */
function hmacOfHashes(message: Uint8Array): Buffer {
  inner.set(message, BLOCK_BYTES);
  outer.set(hash('sha256', inner, 'buffer'), BLOCK_BYTES);
  return hash('sha256', outer, 'buffer');
}

const cases: readonly { readonly name: string; readonly operations: number; readonly run: () => void }[] = [
  {
    name: 'voter key, WebAssembly, 500 in one call',
    operations: VOTERS,
    run: () => voterKeys.keysOf(entry, starts, ends, VOTERS),
  },
  {
    name: 'voter key, createHmac',
    operations: VOTERS,
    run: () => {
      for (const [at, id] of ids.entries()) {
        keys.set(createHmac('sha256', hmacKey).update(id).digest().subarray(0, VOTER_KEY_BYTES), at * VOTER_KEY_BYTES);
      }
    },
  },
  {
    name: 'voter key, two crypto.hash',
    operations: VOTERS,
    run: () => {
      for (const [at, id] of ids.entries()) {
        keys.set(hmacOfHashes(id).subarray(0, VOTER_KEY_BYTES), at * VOTER_KEY_BYTES);
      }
    },
  },
  { name: 'receipt tag, WebAssembly SipHash', operations: 1, run: () => receiptMac.sign(receipt, 16) },
  {
    name: 'receipt tag, createHmac cut to 8 bytes',
    operations: 1,
    run: () => receipt.set(createHmac('sha256', hmacKey).update(receipt.subarray(0, 16)).digest().subarray(0, 8), 16),
  },
];

/** CPU nanoseconds of one operation. */
function measure({ operations, run }: (typeof cases)[number]): number {
  const cpu = process.cpuUsage();
  const end = performance.now() + SLICE_MS;
  let count = 0;
  do {
    run();
    count += operations;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(cpu);
  return ((user + system) * 1000) / count;
}

const samples = cases.map(() => [] as number[]);
for (let round = 0; round < ROUNDS; round++) {
  for (const [at, one] of cases.entries()) samples[at]?.push(measure(one));
}
console.log(`CPU time per operation, medians of ${ROUNDS} interleaved rounds\n`);
console.table(cases.map(({ name }, at) => ({ case: name, ns: Math.round(median(samples[at] ?? [])) })));
