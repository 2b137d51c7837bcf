/**
 * `npm run canary`: a whole system, secrets of every kind planted in it, real work, and then a search for them in everything it
 * keeps and tells. One JSON line comes last; the exit code is 1 when one was found, or when the search proved nothing.
 */
import { startSystem } from '../test-support/system.ts';
import { agentSecret, plant } from './plant.ts';
import { sweep } from './sweep.ts';

const secret = agentSecret();
await using system = await startSystem({ tag: `canary-${process.pid}`, agentEnv: { [secret.name]: secret.secret } });
const planted = await plant(system, secret);
const { hits, controlIn, ...looked } = await sweep(system, planted);
for (const { kind, place } of hits) console.error(`FOUND: the ${kind} in ${place}`);
const isProof = controlIn.some((place) => place.startsWith('table')) && looked.errorBodies > 0 && looked.files > 0;
if (!isProof) console.error('the search did not find what it must find: it proves nothing');
console.log(JSON.stringify({ canaries: planted.canaries.length, ...looked, hits: hits.length }));
process.exitCode = hits.length > 0 || !isProof ? 1 : 0;
