/**
 * An account that somebody made by an invitation's link names an email which nobody has proved to be theirs. Once its mailbox or the owner
 * of its domain vouches for a person, whatever was set up before goes: else whoever made it would come in beside them.
 */
import type { Tx } from '../../platform/db.ts';

/** Passkeys, second factor, sessions and API keys of somebody whose email was not proved until now. Answers whether that is so. */
export async function forgetUnproved(tx: Tx, userId: string): Promise<boolean> {
  const { count } = await tx.user.updateMany({
    where: { id: userId, emailVerified: false },
    data: { emailVerified: true, twoFactorEnabled: false },
  });
  if (count === 0) return false;
  await tx.passkey.deleteMany({ where: { userId } });
  await tx.twoFactor.deleteMany({ where: { userId } });
  await tx.session.deleteMany({ where: { userId } });
  await tx.apiKey.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
  return true;
}

/** Their password too: for whom their domain's owner vouches. */
export async function forgetUnprovedWithPassword(tx: Tx, userId: string): Promise<void> {
  if (await forgetUnproved(tx, userId)) await tx.account.deleteMany({ where: { userId, providerId: 'credential' } });
}
