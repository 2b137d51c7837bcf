/**
 * Makes the trust material and the configuration of a NATS server: `node make-nats-trust.ts <folder>`. Idempotent: trust is made
 * once, since every agent's credentials hang from it; the configuration is written anew each time.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNatsTrust, type NatsTrust, serverConfig } from '../../control-plane/src/platform/nats-trust.ts';

const folder = process.argv[2];
if (!folder) throw new Error('Usage: node make-nats-trust.ts <folder>');
const trustFile = join(folder, 'trust.json');
if (!existsSync(trustFile)) writeFileSync(trustFile, JSON.stringify(await createNatsTrust()), { mode: 0o600 });
const trust = JSON.parse(readFileSync(trustFile, 'utf8')) as NatsTrust;
const config = serverConfig(trust, {
  port: 4222,
  monitorPort: 8222,
  host: '0.0.0.0',
  storeDir: '/data/jetstream',
  resolverDir: '/data/accounts',
});
// It holds no secret: JWTs are public, and signing seeds stay in the trust file.
writeFileSync(join(folder, 'nats-server.conf'), config, { mode: 0o644 });
