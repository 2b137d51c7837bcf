import { createTeamInput, renameTeamInput, teamMemberInput, teamRefInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { addTeamMember, createTeam, deleteTeam, listTeams, removeTeamMember, renameTeam } from './service.ts';

const scope = 'organization:teams';

export const teamsRouter = {
  list: organizationQuery({ scope: 'organization:read', input: z.void(), run: listTeams }),
  create: organizationCommand({ scope, action: 'team.create', input: createTeamInput, run: createTeam }),
  rename: organizationCommand({ scope, action: 'team.rename', input: renameTeamInput, run: renameTeam }),
  delete: organizationCommand({ scope, action: 'team.delete', input: teamRefInput, run: deleteTeam }),
  addMember: organizationCommand({ scope, action: 'team.add-member', input: teamMemberInput, run: addTeamMember }),
  removeMember: organizationCommand({ scope, action: 'team.remove-member', input: teamMemberInput, run: removeTeamMember }),
};
