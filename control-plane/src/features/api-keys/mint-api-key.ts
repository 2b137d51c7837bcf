/** A new API key. Its secret exists in the answer alone. */
import { uuidv7 } from '@signalbox/proto';
import type { BuiltInRole } from '@signalbox/proto/api';
import type { KeyOwner } from '../../platform/actor.ts';
import type { Tx } from '../../platform/db.ts';
import { hashSecret, newCheckedSecret } from '../../platform/secrets.ts';
import type { ApiKeyRow } from './store.ts';

const PREFIX = 'sbk_';
/** Characters kept in the open, to tell keys apart: 48 bits of 256. */
const SHOWN_CHARACTERS = PREFIX.length + 8;

export type NewApiKey = {
  readonly workspaceId: string;
  readonly name: string;
  readonly role: BuiltInRole;
  /** Of the role's scopes, these alone; missing or empty: all. */
  readonly scopes?: readonly string[];
  /** What it may in the organization of its workspace; missing: nothing. */
  readonly organizationScopes?: readonly string[];
  /** Whose it is: it may no more than they may. Null: the system's. */
  readonly owner: KeyOwner | null;
  readonly expiresAt: Date | null;
  /** The key with which it is made, and revoked; missing: none. */
  readonly madeWith?: string | null;
};

export async function mintApiKey(tx: Pick<Tx, 'apiKey'>, key: NewApiKey): Promise<{ row: ApiKeyRow; secret: string }> {
  const secret = newCheckedSecret(PREFIX);
  const { owner, scopes = [], organizationScopes = [], ...rest } = key;
  const userId = owner?.kind === 'person' ? owner.id : null;
  const row = await tx.apiKey.create({
    data: {
      id: uuidv7(Date.now()),
      prefix: secret.slice(0, SHOWN_CHARACTERS),
      secretHash: hashSecret(secret),
      scopes: [...scopes],
      organizationScopes: [...organizationScopes],
      createdBy: userId,
      userId,
      serviceAccountId: owner?.kind === 'service-account' ? owner.id : null,
      ...rest,
    },
  });
  return { row, secret };
}
