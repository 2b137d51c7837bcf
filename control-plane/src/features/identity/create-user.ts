/** People are made by seeding and by admins, never by signing up. */
import { uuidv7 } from '@signalbox/proto';
import { hashPassword } from 'better-auth/crypto';
import type { Tx } from '../../platform/db.ts';
import { invalidInput } from '../../platform/errors.ts';
import { refuseWeakPassword } from './password-strength.ts';

/**
 * The user of this email, made if missing. An existing user's password and name stay as they are.
 * `emailVerified`: whether whoever makes it knows that the mailbox is theirs, default true.
 */
export async function createUser(
  tx: Pick<Tx, 'user' | 'account'>,
  input: { readonly email: string; readonly password: string; readonly name: string; readonly emailVerified?: boolean },
): Promise<{ id: string; email: string; created: boolean }> {
  const email = input.email.trim().toLowerCase();
  const found = await tx.user.findUnique({ where: { email } });
  if (found) return { id: found.id, email, created: false };
  const expected = await refuseWeakPassword(input.password, [email, input.name]);
  if (expected) throw invalidInput([{ field: 'password', expected }]);
  const id = uuidv7(Date.now());
  await tx.user.create({ data: { id, email, name: input.name, emailVerified: input.emailVerified ?? true } });
  await tx.account.create({
    data: { id: uuidv7(Date.now()), accountId: id, providerId: 'credential', userId: id, password: await hashPassword(input.password) },
  });
  return { id, email, created: true };
}
