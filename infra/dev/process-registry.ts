/** The processes of this stack, noted on disk while they live, so that the start after a killed launcher can end them. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { carrying, isAlive, type ProcessIdentity } from './process-identity.ts';
import { STACK_VARIABLE, sendSignal, stopIdentity } from './processes.ts';

type Noted = ProcessIdentity & { readonly name: string; readonly stopSignal: NodeJS.Signals };

export type ProcessRegistry = {
  note(entry: Noted): void;
  forget(identity: ProcessIdentity): void;
};

const GRACE_MS = 8_000;

export function processRegistry(file: string): ProcessRegistry {
  const noted = new Map<number, Noted>();
  const save = () => {
    writeFileSync(`${file}.draft`, JSON.stringify([...noted.values()], null, 2), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
  };
  return {
    note(entry) {
      noted.set(entry.pid, entry);
      save();
    },
    forget({ pid }) {
      noted.delete(pid);
      save();
    },
  };
}

/** Ends what the launcher before this one left, newest first; answers how many processes that were. */
export async function endLeftovers(file: string, stack: string): Promise<number> {
  const left = readNoted(file).filter(isAlive).reverse();
  for (const process of left) await stopIdentity(process, process.stopSignal, GRACE_MS);
  return left.length + endStrays(stack);
}

/** Kills whatever still carries the stack's mark: flows of users, say, whose agent was killed. */
export function endStrays(stack: string): number {
  const strays = carrying(STACK_VARIABLE, (value) => value === stack);
  for (const { pid } of strays) sendSignal(pid, 'SIGKILL');
  return strays.length;
}

function readNoted(file: string): Noted[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Noted[];
  } catch {
    return [];
  }
}
