/** NODE_OPTIONS that run code before the program, because the product has no test hooks. */
const preload = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` });

/** Sets the process's clock 10 s ahead. */
export const SHIFTED_CLOCK = preload('const now = Date.now; Date.now = () => now() + 10_000;');

/** SIGUSR2 blocks the event loop for 3 s. */
export const BUSY_ON_SIGNAL = preload(
  "process.on('SIGUSR2', () => { for (const end = Date.now() + 3000; Date.now() < end; ); });",
);

/** After SIGUSR2, the next vote in JSON causes a trap, like `unreachable`. */
export const TRAP_ON_SIGNAL = preload(`
  const { Instance } = WebAssembly;
  let armed = false;
  process.on('SIGUSR2', () => { armed = true; });
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    const encodeJson = (length) => {
      if (!armed) return exports.encodeJson(length);
      armed = false;
      throw new WebAssembly.RuntimeError('unreachable');
    };
    return { exports: 'encodeJson' in exports ? { ...exports, encodeJson } : exports };
  };
`);
