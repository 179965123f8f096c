import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createVoterKey } from '../dashboard/server/log/voter-key.ts';
import { loadModule } from '../wasm/load-module.ts';
import { VoterKeys } from '../wasm/mac/voter-key.ts';

test('the dashboard and the consumers derive the same voter keys', async () => {
  for (const secret of [Buffer.from('0123456789abcdef'), randomBytes(32), randomBytes(200)]) {
    const keys = new VoterKeys(await loadModule('mac'), secret);
    const voterKey = createVoterKey(secret);
    for (const voter of ['ana', 'José Ñandú', '投票者', 'x'.repeat(128)]) {
      expect(Buffer.from(voterKey(voter)), voter).toStrictEqual(Buffer.from(keys.keyOf(Buffer.from(voter))));
    }
  }
});
