export { createOrganizationGrant, listOrganizationGrants, revokeOrganizationGrant } from './grants.ts';
export { accessRouter } from './router.ts';
