/** Rows as Prisma gives them; the service shows them. */
export type { CustomRole as CustomRoleRow } from '../../generated/prisma/client.ts';
