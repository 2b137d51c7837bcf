/** Why a single sign-on ended without a session: a word for the person, a sentence for the log and the audit. */
export type Refusal = 'expired' | 'provider' | 'email' | 'domain' | 'switched-off';

export class RefusedSignOn extends Error {
  override readonly name = 'RefusedSignOn';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}
