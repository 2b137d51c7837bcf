/** Scenario 9: what waiting costs: memory and processor of one idle agent and of the control plane, and what a crowd of idle agents asks of Postgres. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from '../../test-support/system.ts';
import { cpuOfTree, residentMib } from '../costs.ts';
import { BARE_NODE } from '../peers/bare-node.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

const CROWD = new URL('../crowd.ts', import.meta.url).pathname;
/** What starting left behind is over by then: first rounds, first collections of garbage. */
const SETTLE_MS = 10_000;
const READY_MS = 240_000;

export const idle: Scenario = {
  about: 'memory and processor of an idle agent and control plane; what 1,000 idle agents ask of Postgres',
  async run(bench): Promise<Row[]> {
    const lookMs = bench.of(60_000, 15_000, 500);
    const crowd = bench.of(1_000, 100, 2);
    await using system = await bench.system({ slots: 2 });
    await pause(bench.of(SETTLE_MS, SETTLE_MS, 100));
    const alone = await watch(system, lookMs);
    const floorMib = await bareNodeMib();
    const agents = await startCrowd(system, crowd);
    try {
      await pause(bench.of(2 * SETTLE_MS, SETTLE_MS, 100));
      const crowded = await watch(system, lookMs);
      const many = `${crowd.toLocaleString('en')} idle agents`;
      return [
        row('idle', 'memory of the agent', 'MiB', alone.agentMib, BARE_NODE, floorMib),
        budgetRow('idle', 'memory of the agent', 'MiB', alone.agentMib, 75),
        budgetRow('idle', 'processor of the agent', '% of a core', alone.agentCpu, 0.3),
        row('idle', 'memory of the control plane', 'MiB', alone.planeMib, BARE_NODE, floorMib),
        budgetRow('idle', 'memory of the control plane', 'MiB', alone.planeMib, 150),
        row(many, 'transactions a second', '/s', crowded.transactions, 'ours, one agent', alone.transactions),
        budgetRow(many, 'transactions a second more than with one', '/s', Math.max(0.01, crowded.transactions - alone.transactions), 10),
        row(many, 'messages a second through NATS', '/s', crowded.messages, 'ours, one agent', alone.messages),
        budgetRow(many, 'messages a second more than with one', '/s', Math.max(0.01, crowded.messages - alone.messages), 50),
        row(many, 'processor of the control plane', '% of a core', crowded.planeCpu, 'ours, one agent', alone.planeCpu),
        row(many, 'memory of the control plane', 'MiB', crowded.planeMib, 'ours, one agent', alone.planeMib),
      ];
    } finally {
      await agents.stop();
    }
  },
};

async function watch(system: System, lookMs: number) {
  const spent = () => [cpuOfTree(system.pidOf('agent')), cpuOfTree(system.pidOf('control-plane'))] as const;
  const count = async () => {
    const [line] = await system.sql<{ n: string }>(
      'SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(line?.n);
  };
  const messages = async () => {
    // Each message once, as it comes in; what clients ping to live is none.
    const { in_msgs } = (await (await fetch(`${system.natsMonitorUrl}/varz`)).json()) as { in_msgs: number };
    return in_msgs;
  };
  const [sent, transactions, [agent, plane], from] = [await messages(), await count(), spent(), performance.now()];
  await pause(lookMs);
  const [agentAfter, planeAfter] = spent();
  const seconds = (performance.now() - from) / 1_000;
  return {
    agentMib: residentMib(system.pidOf('agent')),
    planeMib: residentMib(system.pidOf('control-plane')),
    // Nothing at all in a short look is less than a tick.
    agentCpu: Math.max(0.01, (agentAfter - agent) / seconds / 10_000),
    planeCpu: Math.max(0.01, (planeAfter - plane) / seconds / 10_000),
    // Without our own look.
    transactions: ((await count()) - transactions - 1) / seconds,
    messages: ((await messages()) - sent) / seconds,
  };
}

async function startCrowd(system: System, count: number): Promise<{ stop(): Promise<void> }> {
  const codes: string[] = [];
  for (let i = 0; i < count; i++) codes.push((await system.client.agents.createJoinCode.mutate({ pool: 'local' })).code);
  const folder = join(system.folder, 'crowd');
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [CROWD, system.url, folder], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin.end(codes.join('\n'));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const deadline = performance.now() + READY_MS;
  for (;;) {
    // One address enrolls here what a thousand would: the bound on attempts of an address is not what is measured.
    await system.sql('DELETE FROM identity_rate_limit');
    const [line] = await system.sql<{ n: number }>(
      "SELECT count(*)::int AS n FROM agent WHERE name LIKE 'crowd-%' AND lease_until > served_now()",
    );
    if (line?.n === count) return { stop };
    if (performance.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`${line?.n} of ${count} agents came up in ${READY_MS} ms`);
    }
    await pause(200);
  }
}

async function bareNodeMib(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)']);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const mib = residentMib(child.pid ?? 0);
  child.kill('SIGKILL');
  return mib;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
