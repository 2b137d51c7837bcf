/** Rows as Prisma gives them; the service shows them. */
export type { ServiceAccount as ServiceAccountRow } from '../../generated/prisma/client.ts';
