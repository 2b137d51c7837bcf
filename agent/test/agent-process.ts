/** The agent as a real process, so that tests may kill it as hard as they like. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Bell } from '../src/bell.ts';

export class AgentProcess {
  readonly lines: Array<Record<string, unknown>> = [];
  readonly #bell = new Bell();
  readonly #process: ChildProcess;
  exit: { code: number | null; signal: string | null } | null = null;

  constructor(home: AgentHome, args: readonly string[], environment: Record<string, string>) {
    const argv = [join(import.meta.dirname, '../src/main.ts'), 'start', '--data-dir', home.dataDir, ...args];
    this.#process = spawn(process.execPath, argv, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(tmpdir(), 'sb-test-compile-cache'), ...environment },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { msg: line });
        this.#bell.ring();
      });
    }
    this.#process.once('exit', (code, signal) => {
      this.exit = { code, signal };
      this.#bell.ring();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async until(fact: () => boolean, signal: AbortSignal): Promise<void> {
    while (!fact()) {
      if (signal.aborted) throw new Error(`gave up waiting for ${fact}\n${this.lines.map((line) => JSON.stringify(line)).join('\n')}`);
      await this.#bell.wait(signal);
    }
  }

  says(msg: string, signal: AbortSignal): Promise<void> {
    return this.until(() => this.lines.some((line) => line.msg === msg), signal);
  }

  gone(signal: AbortSignal): Promise<void> {
    return this.until(() => this.exit !== null, signal);
  }
}

/** A data folder, the agents that used it, and a sure end of all their processes. */
export class AgentHome implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sb-agent-'));
  readonly dataDir = join(this.folder, 'data');
  readonly journal = join(this.folder, 'journal');
  readonly #agents: AgentProcess[] = [];
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  start(args: readonly string[] = [], environment: Record<string, string> = {}): AgentProcess {
    const agent = new AgentProcess(this, ['--url', this.#url, '--join-code', 'code', '--slots', '2', '--warm', '0', ...args], environment);
    this.#agents.push(agent);
    return agent;
  }

  /** Lines that user code wrote. */
  calls(): string[] {
    try {
      return readFileSync(this.journal, 'utf8').split('\n').filter(Boolean);
    } catch {
      return [];
    }
  }

  /** Pids of live processes that were started from this data folder. */
  processes(): number[] {
    const mark = `SIGNALBOX_CHILD_SOCKET=${this.dataDir}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
        } catch {
          return false;
        }
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents) if (!agent.exit) agent.kill('SIGKILL');
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
