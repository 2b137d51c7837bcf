import type { Connection } from './flow.ts';

/** Why a single sign-on ended without a session: a word for the person, a sentence for the log and the audit. */
export type Refusal = 'expired' | 'provider' | 'email' | 'domain' | 'switched-off';

export class RefusedSignOn extends Error {
  override readonly name = 'RefusedSignOn';
  readonly refusal: Refusal;
  /** Whose sign-on it was, where that is known. */
  connection: Connection | null = null;

  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

/** What is refused in `work` is refused in this connection's name. */
export async function inNameOf<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedSignOn) error.connection = connection;
    throw error;
  }
}
