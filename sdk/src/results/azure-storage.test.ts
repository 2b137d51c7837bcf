import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { ACCOUNT_KEY, openAzure } from '../../test/azure-server.ts';
import { azureStorage } from './azure-storage.ts';
import { storageContract } from './storage.contract.ts';

const server = await openAzure();
afterAll(() => server[Symbol.asyncDispose]());
const { endpoint } = server;
const options = { container: 'results', account: 'team', endpoint };

storageContract('Azure Blob', () => azureStorage({ ...options, accountKey: ACCOUNT_KEY, prefix: '/a team & more/' }));

test('takes a connection string, a shared access signature or a token of Entra ID', async () => {
  const connectionString = `DefaultEndpointsProtocol=https;AccountName=team;AccountKey=${ACCOUNT_KEY};BlobEndpoint=${endpoint}/;EndpointSuffix=core.windows.net`;
  const ways = [
    azureStorage({ container: 'results', connectionString }),
    azureStorage({ ...options, sasToken: '?sv=2024&sig=shared' }),
    azureStorage({ ...options, token: async () => 'of-entra' }),
  ];
  for (const [i, storage] of ways.entries()) await storage.put(`way/${i}`, Buffer.from(`${i}`));
  expect((await ways[1]?.list?.('way/'))?.length).toBe(3);
  expect(ways[0]?.name).toBe('azure://team/results');
});

test('a refusal names the container, what was asked and the answer; what is missing is named', async () => {
  const stranger = azureStorage({ ...options, accountKey: randomBytes(64).toString('base64') });
  await expect(stranger.get('a')).rejects.toThrow(
    'azure://team/results: reading a was answered with 403: AuthenticationFailed: Server failed',
  );
  expect(() => azureStorage({ container: 'A' })).toThrow('container: expected the name of a container, got A');
  expect(() => azureStorage({ container: 'results' })).toThrow('AZURE_STORAGE_ACCOUNT');
  expect(() => azureStorage({ container: 'results', account: 'team' })).toThrow('AZURE_STORAGE_KEY');
});
