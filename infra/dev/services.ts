/** The product's own processes: how each is started, and how one knows that it serves. */
import { join } from 'node:path';
import { CONSOLE_SERVER } from './console-build.ts';
import { ROOT } from './paths.ts';
import { LOOPBACK } from './ports.ts';
import type { ProcessSpec } from './processes.ts';

export type ControlPlaneSettings = {
  readonly port: number;
  readonly databaseUrl: string;
  readonly nats: { readonly url: string; readonly trustFile: string };
  readonly secret: string;
  readonly consolePort: number;
  readonly watch: boolean;
};

const ANSWER_MS = 2_000;

export function controlPlane({ port, databaseUrl, nats, secret, consolePort, watch }: ControlPlaneSettings): ProcessSpec {
  return {
    name: 'control-plane',
    command: process.execPath,
    args: [...(watch ? ['--watch'] : []), 'control-plane/src/start.mjs'],
    cwd: ROOT,
    env: {
      ...outsideWorld(),
      DATABASE_URL: databaseUrl,
      NATS_URL: nats.url,
      SIGNALBOX_NATS_TRUST_FILE: nats.trustFile,
      SIGNALBOX_PORT: String(port),
      SIGNALBOX_PUBLIC_URL: publicUrl(port),
      SIGNALBOX_SECRET: secret,
      SIGNALBOX_WEB_URL: `http://${LOOPBACK}:${consolePort}`,
    },
    stopSignal: 'SIGTERM',
    stopGraceMs: 15_000,
    isReady: () => answers(`http://${LOOPBACK}:${port}/ready`, (status) => status === 200),
  };
}

/** Next's server; only the control plane talks to it. */
export function webConsole(port: number, apiPort: number, watch: boolean): ProcessSpec {
  return {
    name: 'console',
    command: process.execPath,
    args: watch ? [join(ROOT, 'node_modules/next/dist/bin/next'), 'dev', '-p', String(port), '-H', LOOPBACK] : [CONSOLE_SERVER],
    cwd: join(ROOT, 'web'),
    env: {
      ...outsideWorld(),
      HOSTNAME: LOOPBACK,
      PORT: String(port),
      SIGNALBOX_API_URL: `http://${LOOPBACK}:${apiPort}`,
      NEXT_TELEMETRY_DISABLED: '1',
    },
    stopSignal: 'SIGTERM',
    stopGraceMs: 5_000,
    // Any answer will do: a page that needs a sign-in answers with a redirect.
    isReady: () => answers(`http://${LOOPBACK}:${port}/sign-in`, (status) => status < 500),
  };
}

export type AgentSettings = {
  readonly port: number;
  /** Null for an agent that has joined already. */
  readonly joinCode: string | null;
  readonly dataDir: string;
  readonly examplesUrl: string;
  readonly watch: boolean;
};

export function agent({ port, joinCode, dataDir, examplesUrl, watch }: AgentSettings): ProcessSpec {
  return {
    name: 'agent',
    command: process.execPath,
    args: [
      ...(watch ? ['--watch'] : []),
      'agent/src/bin.mjs',
      'start',
      '--url',
      `http://${LOOPBACK}:${port}`,
      '--name',
      'local',
      '--data-dir',
      dataDir,
    ],
    cwd: ROOT,
    // Flows inherit this but for what is named SIGNALBOX_: nothing in it opens the control plane or its database.
    env: { ...outsideWorld(), WEATHER_DATABASE_URL: examplesUrl, ...(joinCode === null ? {} : { SIGNALBOX_JOIN_CODE: joinCode }) },
    stopSignal: 'SIGTERM',
    // A drain lets runs finish; a person who pressed Ctrl-C does not wait for long.
    stopGraceMs: 10_000,
    isReady: async (said) => said().includes('"msg":"ready"'),
  };
}

export const publicUrl = (port: number): string => `http://localhost:${port}`;

/** The environment without what belongs to the stack itself. */
function outsideWorld(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(DATABASE_URL|NATS_URL|SIGNALBOX_|npm_|NODE_OPTIONS)/.test(name) || name === 'SIGNALBOX_LOG_LEVEL',
    ),
  );
}

async function answers(url: string, isGood: (status: number) => boolean): Promise<boolean> {
  try {
    const reply = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
    await reply.body?.cancel();
    return isGood(reply.status);
  } catch {
    return false;
  }
}
