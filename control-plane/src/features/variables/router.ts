import { listVariablesInput, setVariableInput, variableRefInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { deleteVariable, getVariable, listVariables, setVariable } from './service.ts';

export const variablesRouter = {
  list: query({ scope: 'variables:read', input: listVariablesInput, run: listVariables }),
  get: query({ scope: 'variables:read', input: variableRefInput, run: getVariable }),
  set: command({ scope: 'variables:write', action: 'variable.set', input: setVariableInput, run: setVariable }),
  delete: command({ scope: 'variables:write', action: 'variable.delete', input: variableRefInput, run: deleteVariable }),
};
