/** What can be wrong on this machine alone. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../config.ts';
import type { Check } from '../doctor.ts';
import { ensureDataDir } from '../identity.ts';
import { socketPathFor } from '../launchers/child-gateway.ts';
import { resolveSdkChild } from '../launchers/resolve-sdk.ts';

export function localChecks(config: AgentConfig): Check[] {
  return [
    {
      hop: 'node version',
      async run() {
        const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
        const ok = major > 22 || (major === 22 && minor >= 12);
        return { ok, detail: process.version, fix: 'use Node 22.12 or newer' };
      },
    },
    {
      hop: 'data folder',
      async run() {
        try {
          ensureDataDir(config.dataDir);
          const probe = join(config.dataDir, `doctor-${process.pid}`);
          writeFileSync(probe, 'x', { flush: true });
          rmSync(probe);
          return { ok: true, detail: `${config.dataDir} is writable; children dial ${socketPathFor(config.dataDir)}` };
        } catch (error) {
          return {
            ok: false,
            detail: String(error),
            fix: `make ${config.dataDir} writable for this user, free some disk, or choose another --data-dir`,
          };
        }
      },
    },
    {
      hop: 'SDK',
      async run() {
        try {
          return { ok: true, detail: resolveSdkChild(process.cwd()) };
        } catch (error) {
          return {
            ok: false,
            detail: error instanceof Error ? error.message : String(error),
            fix: 'npm install @signalbox/sdk beside your flows',
          };
        }
      },
    },
  ];
}
