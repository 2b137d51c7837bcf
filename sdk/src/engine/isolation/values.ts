/** Values as text between threads and processes: lossless, or refused with the place. */
import { fromLossless, toLossless } from '../../results/lossless.ts';
import type { LosslessType } from '../../results/serializer.ts';
import { cancelled, completed, failed, type ReturnedState, returnedState } from '../../returned-state.ts';
import { describeError } from '../failure.ts';

type PackedState = { type: 'COMPLETED' | 'FAILED' | 'CANCELLED'; name: string; message: string | undefined; data: unknown };

/** A state that a task returned instead of a value stays one. */
const STATE: LosslessType<ReturnedState<unknown>, PackedState> = {
  is: (value) => returnedState(value) !== null,
  pack: (value) => {
    const { type, name, message, data } = returnedState(value) as PackedState;
    return { type, name, message, data };
  },
  unpack: ({ type, name, message, data }) => {
    if (type === 'COMPLETED') return completed({ name, message, data });
    return type === 'FAILED' ? failed({ name, message, data }) : cancelled({ message });
  },
};
const TYPES = { State: STATE } as unknown as Readonly<Record<string, LosslessType>>;

/** @throws UnserializableError */
export function pack(value: unknown): string {
  return toLossless(value, TYPES);
}

export function unpack(text: string): unknown {
  return fromLossless(text, TYPES);
}

/** An error keeps class, message, stack, cause and own properties; one of which something cannot travel, what is text or number. */
export function packError(error: unknown): string {
  try {
    return pack(error);
  } catch {
    const plain = new Error(describeError(error));
    if (!(error instanceof Error)) return pack(plain);
    for (const key of Reflect.ownKeys(error)) {
      const value: unknown = Reflect.get(error, key);
      if (typeof value === 'string' || typeof value === 'number') Object.defineProperty(plain, key, { value, configurable: true });
    }
    Object.defineProperty(plain, 'name', { value: error.name, configurable: true });
    return pack(plain);
  }
}
