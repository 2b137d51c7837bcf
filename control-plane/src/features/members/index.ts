export { membersRouter } from './router.ts';
export { listOrganizationMembers, removeOrganizationMember, setOrganizationRole } from './service.ts';
