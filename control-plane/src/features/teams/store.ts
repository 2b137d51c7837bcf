/** Rows as Prisma gives them; the service shows them. */
export type { Team as TeamRow } from '../../generated/prisma/client.ts';
