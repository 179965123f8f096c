import assert from 'node:assert/strict';
import { hashKey } from '../../../config/secrets/hashed-keys.ts';
import { readAccessTokens } from '../../../dashboard/server/access/access-tokens.ts';
import { createTokenVerifier, type TokenVerifier } from '../../../dashboard/server/access/token-verifier.ts';
import { Admission } from '../../../edge/admission/admission.ts';
import { Transport } from '../../../edge/vote/transport.ts';
import { isProblem } from '../../../http/problem.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { textOf, texts } from './damaged.ts';

const ADMIN = 'an-admin-token-of-the-fuzzer';
const EVA = 'token-of-eva';
const READER = 'a-token-for-readers';
const PRODUCER = 'the-key-of-a-producer';
const tokens = readAccessTokens({
  ADMIN_TOKEN: ADMIN,
  ADMIN_TOKENS: `eva:${hashKey(EVA).toString('hex')}`,
  READ_TOKEN: READER,
});
const producerKeys = [{ name: 'app', digest: hashKey(PRODUCER), contests: undefined }];
const written = [ADMIN, EVA, READER, PRODUCER].flatMap((token) => [`Bearer ${token}`, `bearer   ${token}`]);
const hashes = tokens.map(({ digest }) => `Bearer ${digest.toString('hex')}`);

/** Only a header with a valid token passes, for that token's rights. Producer keys are not tokens, and vice versa. */
export function tokenTarget(spoil = (verify: TokenVerifier): TokenVerifier => verify): FuzzTarget {
  const verify = spoil(createTokenVerifier(tokens));
  const admission = new Admission({
    publicOrigin: '',
    trustProxy: { hops: 0 },
    producerKeys,
    rateLimit: { perSecond: 0, burst: 0 },
    readsPerSecond: 0,
    newVotersPerMinute: 0,
  });
  return {
    inputs: texts([...written, ...hashes]),
    check(input) {
      const authorization = textOf(input);
      const given = credentialOf(authorization);
      const passes = (role: 'admin' | 'reader') =>
        !isProblem(verify({ address: '192.0.2.1', authorization, cookie: undefined }, role));
      assert.equal(passes('admin'), given === ADMIN || given === EVA, authorization);
      assert.equal(passes('reader'), given === ADMIN || given === EVA || given === READER, authorization);
      const header = (name: string) => (name === 'authorization' ? authorization : undefined);
      const admitted = admission.admit({ peer: '192.0.2.1', header }, Transport.HTTP);
      assert.equal(!isProblem(admitted), given === PRODUCER, authorization);
    },
  };
}

/** The credential after the scheme, parsed independently of the product. */
function credentialOf(authorization: string): string | undefined {
  const scheme = authorization.slice(0, 6);
  const rest = authorization.slice(6);
  if (scheme.toLowerCase() !== 'bearer' || !rest.startsWith(' ')) return undefined;
  let start = 0;
  while (rest[start] === ' ') start++;
  return rest.slice(start);
}
