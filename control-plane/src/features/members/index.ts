export { membersRouter } from './router.ts';
export { listOrganizationMembers, removeOrganizationMember, requireRank, setOrganizationRole } from './service.ts';
