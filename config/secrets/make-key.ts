import { randomBytes } from 'node:crypto';
import { hashKey } from './hashed-keys.ts';

/**
 * `npm run producer-key -- <name>`, `npm run admin-token -- <name>`: creates a key. Only its hash goes into the
 * environment.
 */
const [variable = 'PRODUCER_KEYS', name = 'someone'] = process.argv.slice(2);
const key = randomBytes(32).toString('base64url');
console.log(`Key, for its user (shown once): ${key}`);
console.log(`Entry, for ${variable}: ${name}:${hashKey(key).toString('hex')}`);
