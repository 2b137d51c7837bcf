/** The way to the control plane, each hop on top of the one before: name, HTTPS, clock, credential, NATS, a claim's round trip. */
import { lookup } from 'node:dns/promises';
import { createConnection } from 'node:net';
import { NatsProbe } from '../channel/nats-probe.ts';
import type { AgentConfig } from '../config.ts';
import { Credential } from '../credential.ts';
import type { Check } from '../doctor.ts';
import { networkReason } from '../http.ts';
import { type Enrolled, ensureKey, findEnrolled } from '../identity.ts';

const TIMEOUT_MS = 5_000;
const CLOCK_WARN_MS = 60_000;
/** Never given to anybody: a claim in it is refused by whoever reads it, and that refusal is the round trip. */
const NO_SESSION = 2_147_483_647;

export function networkChecks(config: AgentConfig): Check[] {
  const { hostname } = new URL(config.url);
  let enrolled: Enrolled | null = null;
  let probe = new NatsProbe('');
  return [
    {
      hop: 'DNS',
      async run() {
        const fix = `check the name in --url (${config.url}) and this machine's resolver`;
        return await attempt(fix, async () =>
          (await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true })).map(({ address }) => address).join(', '),
        );
      },
    },
    {
      hop: 'HTTPS',
      async run() {
        const fix = `is the control plane up, and does a firewall or proxy let this machine reach ${config.url}? For a private CA set NODE_EXTRA_CA_CERTS`;
        return await attempt(fix, async () => {
          const response = await fetch(`${config.url}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
          if (!response.ok) throw new Error(`${config.url}/health answered ${response.status}`);
          return `${config.url}/health answered ${response.status}`;
        });
      },
    },
    {
      hop: 'clock',
      async run() {
        const response = await fetch(`${config.url}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        const date = Date.parse(response.headers.get('date') ?? '');
        if (Number.isNaN(date)) return { ok: true, detail: 'the control plane does not tell its time' };
        const offsetMs = date - Date.now();
        const isFar = Math.abs(offsetMs) > CLOCK_WARN_MS;
        // Nothing breaks: runs are timed by the control plane's clock. So it is told, not failed.
        return {
          ok: true,
          detail: isFar
            ? `off by ${Math.round(offsetMs / 1000)} s; runs are not affected, but set up NTP`
            : 'agrees with the control plane',
        };
      },
    },
    {
      hop: 'credential',
      async run() {
        enrolled = findEnrolled(config.dataDir);
        if (!enrolled) return { ok: false, detail: 'not enrolled yet', fix: 'signalbox-agent start --join-code <code>' };
        const { dataDir, url } = config;
        const known = enrolled;
        return await attempt('the agent may be revoked: enroll again with a new join code and an empty --data-dir', async () => {
          const until = await new Credential(ensureKey(dataDir), known, dataDir, url).renewByHttp(AbortSignal.timeout(TIMEOUT_MS));
          enrolled = findEnrolled(dataDir);
          return `${known.agent} of pool ${known.pool.name}, renewed until ${until}`;
        });
      },
    },
    {
      hop: 'NATS reach',
      async run() {
        const urls = enrolled?.natsUrls ?? [];
        const fix = `let this machine open outgoing connections to ${urls.join(' or ')}`;
        return await attempt(fix, async () => await Promise.any(urls.map(reach)));
      },
    },
    {
      hop: 'NATS sign-in',
      async run() {
        if (!enrolled) return { ok: false, detail: 'not enrolled' };
        const { natsUrls, agent } = enrolled;
        const credential = new Credential(ensureKey(config.dataDir), enrolled, config.dataDir, config.url);
        probe = new NatsProbe(agent.slice('agt_'.length));
        return await attempt('the agent may be revoked, or TLS is intercepted; see the reason', async () => {
          return `server ${await probe.signIn(natsUrls, credential)} as ${agent}`;
        });
      },
    },
    {
      hop: 'subscribe',
      async run() {
        return await attempt('the credential does not fit this agent: enroll again', async () => {
          await probe.subscribe();
          return 'commands and answers may be heard';
        });
      },
    },
    {
      hop: 'claim round trip',
      async run() {
        const began = performance.now();
        const claim = { v: 1, session: NO_SESSION, claimId: crypto.randomUUID(), free: 1, warm: [] };
        return await attempt('NATS is reached but no control plane answers: is one running, with its database?', async () => {
          try {
            const { error } = (await probe.request('claim', claim)) as { error?: { code: string; message: string } };
            if (error?.code === 'UNAVAILABLE' || error?.code === 'INTERNAL') throw new Error(error.message);
            return `answered in ${Math.round(performance.now() - began)} ms`;
          } finally {
            await probe.close();
          }
        });
      },
    },
  ];
}

async function attempt(fix: string, work: () => Promise<string>): Promise<{ ok: boolean; detail: string; fix?: string }> {
  try {
    return { ok: true, detail: await work() };
  } catch (error) {
    return { ok: false, detail: networkReason(error), fix };
  }
}

async function reach(server: string): Promise<string> {
  const url = new URL(server.includes('://') ? server : `nats://${server}`);
  const port = Number(url.port || (url.protocol === 'wss:' ? 443 : url.protocol === 'ws:' ? 80 : 4222));
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection({ host: url.hostname, port, timeout: TIMEOUT_MS });
    const end = (error?: Error) => {
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    socket.once('connect', () => end());
    socket.once('error', end);
    socket.once('timeout', () => end(new Error(`${url.hostname}:${port} did not answer within ${TIMEOUT_MS / 1000} s`)));
  });
  return `${url.hostname}:${port} takes connections`;
}
