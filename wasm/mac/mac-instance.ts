/** Exports of `assembly/mac.ts`. */
interface MacExports {
  readonly memory: WebAssembly.Memory;
  readonly INPUT: WebAssembly.Global<'i32'>;
  readonly INPUT_SIZE: WebAssembly.Global<'i32'>;
  readonly SLICES: WebAssembly.Global<'i32'>;
  readonly MAX_SLICES: WebAssembly.Global<'i32'>;
  readonly OUTPUT: WebAssembly.Global<'i32'>;
  readonly OUTPUT_SIZE: WebAssembly.Global<'i32'>;
  useHmacKey(length: number): void;
  authenticate(length: number): void;
  authenticateSlices(count: number): void;
  useSipKey(): void;
  tag(length: number): void;
}

/** An instance of the module in `assembly/mac.ts` and the views into its memory, which never grows. */
export class MacInstance {
  readonly exports: MacExports;
  readonly input: Uint8Array;
  readonly slices: Uint32Array;
  readonly output: Uint8Array;

  /** Takes the module from `loadModule('mac')`. */
  constructor(module: WebAssembly.Module) {
    // The cast is safe: the build compiles the module from assembly/mac.ts of the same checkout.
    this.exports = new WebAssembly.Instance(module).exports as unknown as MacExports;
    const { memory, INPUT, INPUT_SIZE, SLICES, MAX_SLICES, OUTPUT, OUTPUT_SIZE } = this.exports;
    this.input = new Uint8Array(memory.buffer, INPUT.value, INPUT_SIZE.value);
    this.slices = new Uint32Array(memory.buffer, SLICES.value, 2 * MAX_SLICES.value);
    this.output = new Uint8Array(memory.buffer, OUTPUT.value, OUTPUT_SIZE.value);
  }

  /** Derives the key of one purpose from the deployment's secret: HMAC-SHA-256, 32 bytes. */
  deriveKey(secret: Uint8Array, purpose: string): Uint8Array {
    this.useHmacKey(secret);
    return this.authenticate(new TextEncoder().encode(purpose)).slice();
  }

  useHmacKey(key: Uint8Array): void {
    this.input.set(key);
    this.exports.useHmacKey(key.length);
    this.input.fill(0, 0, key.length);
  }

  /** HMAC-SHA-256 of at most 128 KiB under the key in use, 32 bytes; valid until the next call. */
  authenticate(message: Uint8Array): Uint8Array {
    this.input.set(message);
    this.exports.authenticate(message.length);
    return this.output.subarray(0, 32);
  }
}
