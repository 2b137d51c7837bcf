/** A new API key. Its secret exists in the answer alone. */
import { uuidv7 } from '@signalbox/proto';
import type { WorkspaceRole } from '@signalbox/proto/api';
import type { Tx } from '../../platform/db.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';
import type { ApiKeyRow } from './store.ts';

const PREFIX = 'sbk_';
/** Characters kept in the open, to tell keys apart: 48 bits of 256. */
const SHOWN_CHARACTERS = PREFIX.length + 8;

export type NewApiKey = {
  readonly workspaceId: string;
  readonly name: string;
  readonly role: WorkspaceRole;
  /** The person it was made by; null: the system. */
  readonly createdBy: string | null;
  readonly expiresAt: Date | null;
};

export async function mintApiKey(tx: Pick<Tx, 'apiKey'>, key: NewApiKey): Promise<{ row: ApiKeyRow; secret: string }> {
  const secret = newSecret(PREFIX);
  const row = await tx.apiKey.create({
    data: { id: uuidv7(Date.now()), prefix: secret.slice(0, SHOWN_CHARACTERS), secretHash: hashSecret(secret), ...key },
  });
  return { row, secret };
}
