import { randomBytes } from 'node:crypto';
import { hashProducerKey } from './producer-keys.ts';

/** `npm run producer-key -- <name>`: makes a key. Only its hash goes into the edge's environment. */
const [name = 'producer'] = process.argv.slice(2);
const key = randomBytes(32).toString('base64url');
console.log(`Key, for the producer (shown once):    ${key}`);
console.log(`Entry, for PRODUCER_KEYS of the edges: ${name}:${hashProducerKey(key).toString('hex')}`);
