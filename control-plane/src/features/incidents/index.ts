/** Incidents: declared by people or by automations, once a problem, until they are resolved. */
export { declareIncident, resolveIncident } from './declare.ts';
export { incidentsRouter } from './router.ts';
