/** Deploys, then runs the installed agent package as a child process. Loaded by `serve()` when it is called. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { connect, deploy } from './deploy.ts';
import type { DeploymentDefinition } from './deployment.ts';
import type { ServeOptions } from './serve.ts';

/** @see serve */
export async function serveWithAgent(deployments: readonly DeploymentDefinition[], options: ServeOptions): Promise<void> {
  const [pool, ...others] = new Set(deployments.map((deployment) => deployment.options.pool));
  if (pool === undefined) throw new Error('serve: expected at least one deployment');
  if (others.length > 0)
    throw new Error(`serve: expected deployments of one pool, got ${[pool, ...others].join(', ')}: an agent serves one`);
  const agentBin = findAgent();
  await deploy(deployments, options);

  const url = options.url ?? process.env.SIGNALBOX_URL ?? 'http://127.0.0.1:4200';
  const dataDir = path.resolve(options.dataDir ?? '.signalbox/serve');
  const name = options.name ?? os.hostname();
  const args = [agentBin, 'start', '--url', url, '--name', name, '--data-dir', dataDir];
  if (options.slots !== undefined) args.push('--slots', String(options.slots));
  // An agent that has joined before ignores the code. It goes by the environment, since arguments are readable to all.
  const client = await connect(options);
  const { code } = await client.agents.createJoinCode.mutate({ pool });
  await runUntilStopped(args, { ...process.env, SIGNALBOX_JOIN_CODE: code }, options.signal);
}

async function runUntilStopped(args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<void> {
  const agent = spawn(process.execPath, args, { stdio: 'inherit', env });
  const stop = () => void agent.kill('SIGTERM');
  // Ctrl-C reaches the agent too; our handler keeps this process until the agent has drained.
  process.on('SIGINT', stop).on('SIGTERM', stop);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const [code, killedBy] = (await once(agent, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code !== 0) throw new Error(`the agent ended with ${code === null ? killedBy : `exit code ${code}`}`);
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    signal?.removeEventListener('abort', stop);
  }
}

/** The agent's command: of the author's project, else from where this package lies. */
function findAgent(): string {
  for (const base of [path.join(process.cwd(), 'package.json'), import.meta.url]) {
    const folder = packageFolderOf(base);
    if (!folder) continue;
    const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    const command = bin['signalbox-agent'];
    if (command) return path.join(folder, command);
  }
  throw new Error('serve: expected the package @signalbox/agent to be installed: npm install @signalbox/agent');
}

function packageFolderOf(base: string): string | null {
  for (const modules of createRequire(base).resolve.paths('@signalbox/agent') ?? []) {
    const folder = path.join(modules, '@signalbox', 'agent');
    if (existsSync(path.join(folder, 'package.json'))) return folder;
  }
  return null;
}
