/** An embedded NATS in operator mode: its trust material and configuration on disk, and the command that serves it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNatsTrust, type NatsTrust, serverConfig } from '../../control-plane/src/platform/nats-trust.ts';
import { LOOPBACK } from './ports.ts';
import type { ProcessSpec } from './processes.ts';

export type NatsHome = {
  readonly url: string;
  /** What the control plane signs accounts and users with; readable by this user alone. */
  readonly trustFile: string;
  readonly trust: NatsTrust;
  /** Its figures over HTTP. */
  readonly monitorUrl: string;
  readonly process: ProcessSpec;
};

const MONITOR_MS = 1_000;

/** Idempotent: trust is made once, since every agent's credentials hang from it. */
export async function natsHome(home: string, binary: string, ports: { port: number; monitorPort: number }): Promise<NatsHome> {
  const folders = { storeDir: join(home, 'jetstream'), resolverDir: join(home, 'accounts') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const trustFile = join(home, 'trust.json');
  if (!existsSync(trustFile)) writeFileSync(trustFile, JSON.stringify(await createNatsTrust()), { mode: 0o600 });
  const trust = JSON.parse(readFileSync(trustFile, 'utf8')) as NatsTrust;
  const config = join(home, 'nats-server.conf');
  writeFileSync(config, serverConfig(trust, { ...ports, ...folders }), { mode: 0o600 });
  return {
    url: `nats://${LOOPBACK}:${ports.port}`,
    trustFile,
    trust,
    monitorUrl: `http://${LOOPBACK}:${ports.monitorPort}`,
    process: {
      name: 'nats',
      command: binary,
      args: ['-c', config],
      stopSignal: 'SIGTERM',
      stopGraceMs: 10_000,
      // The port answers before accounts and streams are loaded; /healthz does not.
      isReady: () => isHealthy(ports.monitorPort),
    },
  };
}

async function isHealthy(monitorPort: number): Promise<boolean> {
  try {
    const reply = await fetch(`http://${LOOPBACK}:${monitorPort}/healthz`, { signal: AbortSignal.timeout(MONITOR_MS) });
    return reply.ok;
  } catch {
    return false;
  }
}
