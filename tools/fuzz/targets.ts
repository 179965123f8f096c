import { CodecOracle } from '../../wasm/testing/codec-oracle.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { codecTargets } from './targets/codec-targets.ts';
import { cookieTarget } from './targets/cookie-target.ts';
import { cursorTarget } from './targets/cursor-target.ts';
import { frameTarget } from './targets/frame-target.ts';
import { receiptTarget } from './targets/receipt-target.ts';
import { sessionTarget } from './targets/session-target.ts';
import { sniffTarget } from './targets/sniff-target.ts';
import { tokenTarget } from './targets/token-target.ts';

export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  ...codecTargets(new CodecOracle()),
  frames: frameTarget(),
  sniffing: sniffTarget(),
  receipts: receiptTarget(),
  cursors: cursorTarget(),
  cookies: cookieTarget(),
  sessions: sessionTarget(),
  tokens: tokenTarget(),
};
