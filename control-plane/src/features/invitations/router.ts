import { createInvitationInput, invitationRefInput, invitationTokenInput, joinByInvitationInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery, personalCommand, publicCommand } from '../../platform/command.ts';
import { acceptInvitation, joinByInvitation, previewInvitation } from './accept.ts';
import { createInvitation, listInvitations, resendInvitation, revokeInvitation } from './service.ts';

const scope = 'organization:members';

export const invitationsRouter = {
  list: organizationQuery({ scope, input: z.void(), run: listInvitations }),
  create: organizationCommand({ scope, action: 'invitation.create', input: createInvitationInput, run: createInvitation }),
  revoke: organizationCommand({ scope, action: 'invitation.revoke', input: invitationRefInput, run: revokeInvitation }),
  resend: organizationCommand({ scope, action: 'invitation.resend', input: invitationRefInput, run: resendInvitation }),
  // A token in an address would be logged on the way: it is asked by POST.
  preview: publicCommand({ input: invitationTokenInput, run: previewInvitation }),
  accept: personalCommand({ action: 'invitation.accept', input: invitationTokenInput, run: acceptInvitation }),
  join: publicCommand({ input: joinByInvitationInput, run: joinByInvitation }),
};
