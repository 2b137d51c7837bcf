import { listAuditInput, verifyAuditInput } from '@signalbox/proto/api';
import { organizationQuery, query } from '../../platform/command.ts';
import { listAudit, listOrganizationAudit, verifyAudit, verifyOrganizationAudit } from './service.ts';

export const auditRouter = {
  list: query({ scope: 'audit:read', input: listAuditInput, run: listAudit }),
  verify: query({ scope: 'audit:read', input: verifyAuditInput, run: verifyAudit }),
  listOrganization: organizationQuery({ scope: 'organization:audit', input: listAuditInput, run: listOrganizationAudit }),
  verifyOrganization: organizationQuery({ scope: 'organization:audit', input: verifyAuditInput, run: verifyOrganizationAudit }),
};
