import {
  commentIncidentInput,
  declareIncidentInput,
  endIncidentInput,
  incidentRefInput,
  linkIncidentInput,
  listIncidentsInput,
  unlinkIncidentInput,
  updateIncidentInput,
} from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import {
  commentIncident,
  declareByHand,
  getIncident,
  linkIncident,
  listIncidents,
  reopenIncident,
  resolveByHand,
  unlinkIncident,
  updateIncident,
} from './service.ts';

export const incidentsRouter = {
  list: query({ scope: 'incidents:read', input: listIncidentsInput, run: listIncidents }),
  get: query({ scope: 'incidents:read', input: incidentRefInput, run: getIncident }),
  declare: command({ scope: 'incidents:write', action: 'incident.declare', input: declareIncidentInput, run: declareByHand }),
  update: command({ scope: 'incidents:write', action: 'incident.update', input: updateIncidentInput, run: updateIncident }),
  comment: command({ scope: 'incidents:write', action: 'incident.comment', input: commentIncidentInput, run: commentIncident }),
  link: command({ scope: 'incidents:write', action: 'incident.link', input: linkIncidentInput, run: linkIncident }),
  unlink: command({ scope: 'incidents:write', action: 'incident.unlink', input: unlinkIncidentInput, run: unlinkIncident }),
  resolve: command({ scope: 'incidents:write', action: 'incident.resolve', input: endIncidentInput, run: resolveByHand }),
  reopen: command({ scope: 'incidents:write', action: 'incident.reopen', input: endIncidentInput, run: reopenIncident }),
};
