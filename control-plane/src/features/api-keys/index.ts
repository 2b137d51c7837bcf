export { identifyApiKey, isApiKey } from './identify-api-key.ts';
export { mintApiKey } from './mint-api-key.ts';
export { apiKeysRouter } from './router.ts';
