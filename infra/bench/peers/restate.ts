/**
 * Restate: a durable runtime with a log of its own, no Postgres. Its server is 220 MB and under the Business Source
 * License, so it is no dependency: npm puts it into the cache folder when a scenario first asks.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { freePort, LOOPBACK } from '../../dev/ports.ts';

const SERVER = '1.7.12';
const SDK = '1.17.2';
/** Shown beside its figures. */
export const RESTATE = `Restate ${SERVER}`;

const HOME = new URL(`../../../.signalbox/peers/restate-${SERVER}`, import.meta.url).pathname;
const READY_MS = 60_000;
const AT_ONCE = 50;

type StepContext = { run<T>(name: string, action: () => Promise<T>): Promise<T> };
type Sdk = {
  service(definition: object): object;
  serve(options: { services: object[]; port: number; logger: () => void }): Promise<unknown>;
  /** Its own, since a replayed handler must await in the order of its log. */
  readonly RestatePromise: { all(promises: readonly unknown[]): Promise<unknown[]> };
};
type Call = (handler: string, body: unknown) => Promise<number>;

/** Milliseconds from the request to the first line of a handler, one in flight. */
export function triggerLatencies(samples: number): Promise<number[]> {
  return withRestate(async (call) => {
    const latencies: number[] = [];
    for (let i = 0; i < samples; i++) {
      const from = performance.now();
      latencies.push((await call('noStep', {})) - from);
    }
    return latencies;
  });
}

/** Calls of one step a second, fifty at once. */
export function throughput(count: number): Promise<number> {
  return withRestate(async (call) => {
    const from = performance.now();
    let left = count;
    const lane = async () => {
      while (left-- > 0) await call('oneStep', {});
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return (count / (performance.now() - from)) * 1_000;
  });
}

/** Milliseconds that a handler takes for so many steps, one after the other and all at once. */
export function steps(count: number): Promise<{ inARowMs: number; togetherMs: number }> {
  return withRestate(async (call) => {
    // From outside: a handler that was interrupted begins again, and its own clock with it.
    const timed = async (handler: string) => {
      const from = performance.now();
      await call(handler, count);
      return performance.now() - from;
    };
    return { inARowMs: await timed('inARow'), togetherMs: await timed('together') };
  });
}

const handlersOf = (sdk: Sdk) => ({
  noStep: async () => performance.now(),
  oneStep: (context: StepContext) => context.run('one', async () => 1),
  inARow: async (context: StepContext, count: number) => {
    for (let i = 0; i < count; i++) await context.run(`step-${i}`, async () => i);
    return count;
  },
  together: async (context: StepContext, count: number) => {
    await sdk.RestatePromise.all(Array.from({ length: count }, (_, i) => context.run(`step-${i}`, async () => i)));
    return count;
  },
});

async function withRestate<T>(work: (call: Call) => Promise<T>): Promise<T> {
  const { binary, sdk } = await installed();
  const folder = mkdtempSync(join(tmpdir(), 'bench-restate-'));
  const [ingress, admin, node, service] = [await freePort(), await freePort(), await freePort(), await freePort()];
  writeFileSync(
    join(folder, 'restate.toml'),
    `base-dir = "${folder}/data"\nbind-ip = "${LOOPBACK}"\nlisten-mode = "tcp"\nbind-port = ${node}\nadvertised-address = "http://${LOOPBACK}:${node}"\n` +
      `disable-telemetry = true\nlog-filter = "error"\n[ingress]\nbind-port = ${ingress}\n[admin]\nbind-port = ${admin}\n`,
  );
  const server = spawn(binary, ['-c', join(folder, 'restate.toml')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  try {
    await sdk.serve({ services: [sdk.service({ name: 'bench', handlers: handlersOf(sdk) })], port: service, logger: () => {} });
    await untilTrue(() => answers(`http://${LOOPBACK}:${admin}/health`), 'the Restate server did not become ready');
    const uri = `http://${LOOPBACK}:${service}`;
    await untilTrue(() => posts(`http://${LOOPBACK}:${admin}/deployments`, { uri, force: true }), 'the Restate server took no service');
    const call: Call = async (handler, body) => {
      const response = await fetch(`http://${LOOPBACK}:${ingress}/bench/${handler}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`Restate answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as number;
    };
    await untilTrue(() => call('oneStep', {}).then(Boolean, () => false), 'Restate answered no call');
    return await work(call);
  } finally {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function installed(): Promise<{ binary: string; sdk: Sdk }> {
  const binary = join(HOME, `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
  if (!existsSync(binary)) {
    process.stderr.write(`  npm installs ${RESTATE} into ${HOME}\n`);
    mkdirSync(HOME, { recursive: true });
    const wanted = [`@restatedev/restate-server@${SERVER}`, `@restatedev/restate-sdk@${SDK}`];
    await promisify(execFile)('npm', ['install', '--prefix', HOME, '--ignore-scripts', '--no-audit', '--no-fund', ...wanted]);
  }
  const entry = createRequire(join(HOME, 'package.json')).resolve('@restatedev/restate-sdk');
  return { binary, sdk: (await import(pathToFileURL(entry).href)) as Sdk };
}

const answers = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
const posts = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(
    ({ ok }) => ok,
    () => false,
  );

async function untilTrue(look: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
