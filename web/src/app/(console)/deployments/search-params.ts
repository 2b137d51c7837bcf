import { createLoader, parseAsString } from 'nuqs/server';

export const deploymentSearchParams = { q: parseAsString.withDefault('') };
export const loadDeploymentSearch = createLoader(deploymentSearchParams);
