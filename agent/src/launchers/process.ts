/**
 * The process launcher: each child is a Node process in a session of its own, under a tiny shell that waits for it and
 * writes its exit status. Nothing of it hangs on the agent: output goes to files, the status to a file, frames to a
 * socket that it dials again. So it survives the agent's restart, and is taken up by pid, start time and boot id.
 *
 * A child's folder: `stdout`, `stderr`, `exit`, and `child.json` (who it is; the token only as a hash).
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { childEnvironment, nodeArguments, workingFolder } from './child-environment.ts';
import { ChildGateway, hashToken, socketPathFor } from './child-gateway.ts';
import type { Child, Launcher, LaunchSpec } from './launcher.ts';
import { type ChildRecord, ProcessChild } from './process-child.ts';
import { identify } from './process-identity.ts';
import { resolveSdkChild } from './resolve-sdk.ts';

/**
 * Waits for the child in the foreground and writes its status in one write, complete when it ends with a newline.
 * The traps are handlers, not "ignore", so that the child starts with the defaults; TERM to the group ends the child,
 * and the keeper lives on to tell. Its own stderr is closed, since some shells report a killed job there.
 */
const KEEPER = 'f=$1; shift; trap : TERM INT HUP QUIT; exec 3>&2 2>/dev/null; "$@" 2>&3 3>&-; s=$?; echo $s > "$f"; exit $s';

export interface ProcessLauncherOptions {
  readonly dataDir: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** The program a child runs, by its code's folder. */
  readonly childProgram?: (codeRoot: string) => string;
}

export class ProcessLauncher implements Launcher {
  readonly name = 'process';
  readonly #options: ProcessLauncherOptions;
  readonly #gateway: ChildGateway;
  readonly #folder: string;
  readonly #children = new Set<ProcessChild>();

  constructor(options: ProcessLauncherOptions) {
    this.#options = options;
    this.#folder = join(options.dataDir, 'children');
    this.#gateway = new ChildGateway(socketPathFor(options.dataDir), options.log);
  }

  async open(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    await this.#gateway.open();
  }

  async launch(spec: LaunchSpec): Promise<Child> {
    const cwd = workingFolder(spec);
    const program = (this.#options.childProgram ?? resolveSdkChild)(cwd);
    const folder = join(this.#folder, spec.id);
    mkdirSync(folder, { mode: 0o700 });
    const token = randomBytes(24).toString('base64url');
    const stdout = openSync(join(folder, 'stdout'), 'a', 0o600);
    const stderr = openSync(join(folder, 'stderr'), 'a', 0o600);
    try {
      const keeper = spawn(
        '/bin/sh',
        ['-c', KEEPER, 'signalbox-keeper', join(folder, 'exit'), process.execPath, ...nodeArguments(spec.variables), program],
        {
          cwd,
          detached: true,
          stdio: ['ignore', stdout, stderr],
          env: childEnvironment(this.#options.environment, spec, { socketPath: this.#gateway.path, token }, this.#options.dataDir),
        },
      );
      const pid = await new Promise<number>((resolve, reject) => {
        keeper.once('error', reject);
        keeper.once('spawn', () => resolve(keeper.pid ?? 0));
      }).catch((error: Error) => {
        rmSync(folder, { recursive: true, force: true });
        throw new Error(`${cwd}: ${error.message.replace(/^spawn \/bin\/sh ENOENT$/, 'no such folder')}`);
      });
      const record: ChildRecord = { tokenHash: hashToken(token), keeper: identify(pid), pid: null };
      writeRecord(folder, record);
      return this.#track(new ProcessChild({ id: spec.id, folder, record, keeperPid: pid, keeper, gateway: this.#gateway, writeRecord }));
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  async adopt(id: string): Promise<Child | null> {
    const folder = join(this.#folder, id);
    const record = readRecord(folder);
    if (!record?.keeper) return null;
    return this.#track(
      new ProcessChild({ id, folder, record, keeperPid: record.keeper.pid, keeper: null, gateway: this.#gateway, writeRecord }),
    );
  }

  async discardOthers(keep: ReadonlySet<string>): Promise<void> {
    for (const id of readdirSync(this.#folder)) {
      if (keep.has(id)) continue;
      const child = await this.adopt(id);
      if (child) {
        await child.kill(null);
        await child.forget();
      }
      rmSync(join(this.#folder, id), { recursive: true, force: true });
    }
  }

  #track(child: ProcessChild): Child {
    this.#children.add(child);
    void child.gone.then(() => this.#children.delete(child));
    return child;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.release()));
    await this.#gateway.close();
  }
}

function writeRecord(folder: string, record: ChildRecord): void {
  const path = join(folder, 'child.json');
  writeFileSync(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

function readRecord(folder: string): ChildRecord | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'child.json'), 'utf8')) as ChildRecord;
  } catch {
    return null;
  }
}
