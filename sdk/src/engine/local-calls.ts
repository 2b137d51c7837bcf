/** Calls of a run without an agent: answered in this process where that has a meaning, refused with the reason elsewhere. */
import type { CallOp } from '@signalbox/proto/messages';
import { type Calls, WakingCalls } from './calls.ts';

/** How a run without an agent answers an operation; `wake` makes open waits ask again. */
export type LocalHandlers = { readonly [Name in CallOp['name']]?: (op: Extract<CallOp, { name: Name }>, wake: () => void) => unknown };

// Loaded when they are needed: most runs limit nothing.
const handlers: LocalHandlers = {
  'slots.acquire': async (op, wake) => (await import('./local-slots.ts')).acquireLocally(op, wake),
  approve: async (op) => (await import('./local-pause.ts')).answerLocally(op),
  pause: async (op) => (await import('./local-pause.ts')).answerLocally(op),
  'slots.release': async (op) => (await import('./local-slots.ts')).releaseLocally(op),
};

class LocalCalls extends WakingCalls {
  async call(op: CallOp, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const handle = handlers[op.name] as ((op: CallOp, wake: () => void) => unknown) | undefined;
    if (!handle) {
      const { SignalboxError } = await import('../client/signalbox-error.ts');
      const message = `${op.name} needs a control plane: this run has none. Deploy the flow, or run it with serve().`;
      throw new SignalboxError({ code: 'UNAVAILABLE', message });
    }
    return await handle(op, () => this.wake());
  }
}

export function localCalls(): Calls {
  return new LocalCalls();
}
