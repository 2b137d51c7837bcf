/**
 * `npm run canary`: a whole system, secrets of every kind planted in it, real work, and then a search for them in everything it
 * keeps and tells. `-- --suite [parts of file names]`: the same search in every system of the end-to-end suite. One JSON line comes last; the exit code
 * is 1 when one was found, or when the search proved nothing.
 */
import { startSystem } from '../test-support/system.ts';
import { agentSecrets, plant } from './plant.ts';
import { sweepSuite } from './suite.ts';
import { sweep } from './sweep.ts';

const [flag, ...files] = process.argv.slice(2);
process.exitCode = flag === '--suite' ? await ofSuite() : await ofOne();

async function ofSuite(): Promise<number> {
  const swept = await sweepSuite(files);
  console.log(JSON.stringify(swept));
  const { hits, systems, unproved, skipped, failed } = swept;
  return hits > 0 || systems === 0 || unproved + skipped + failed > 0 ? 1 : 0;
}

async function ofOne(): Promise<number> {
  const secrets = agentSecrets();
  await using system = await startSystem({
    tag: `canary-${process.pid}`,
    agentEnv: secrets,
    controlPlaneEnv: { SIGNALBOX_PRIVATE_TARGETS: 'allow' },
  });
  const planted = await plant(system, secrets);
  const { hits, controlIn, ...looked } = await sweep(system, planted);
  for (const { kind, place } of hits) console.error(`FOUND: the ${kind} in ${place}`);
  const isProof = controlIn.some((place) => place.startsWith('table')) && looked.errorBodies > 0 && looked.files > 0;
  if (!isProof) console.error('the search did not find what it must find: it proves nothing');
  console.log(JSON.stringify({ canaries: planted.canaries.length, ...looked, hits: hits.length }));
  return hits.length > 0 || !isProof ? 1 : 0;
}
