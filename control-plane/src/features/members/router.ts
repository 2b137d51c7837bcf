import { addMemberInput, memberRefInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { addMember, listMembers, removeMember, setMemberRole } from './service.ts';

export const membersRouter = {
  list: query({ scope: 'workspace:read', input: z.void(), run: listMembers }),
  add: command({ scope: 'members:write', action: 'member.add', input: addMemberInput, run: addMember }),
  setRole: command({ scope: 'members:write', action: 'member.set-role', input: addMemberInput, run: setMemberRole }),
  remove: command({ scope: 'members:write', action: 'member.remove', input: memberRefInput, run: removeMember }),
};
