import type { CreateRunInput, DeployInput, WorkspaceRole } from '@signalbox/proto/api';

/** What these tests call of the control plane's own test support. */
interface Owner {
  apiKeys: { create(input: { name: string; role?: WorkspaceRole; organizationScopes?: string[] }): Promise<{ secret: string }> };
  deployments: { deploy(input: DeployInput): Promise<unknown> };
  runs: {
    create(input: CreateRunInput): Promise<{ id: string }>;
    cancel(input: { run: string }): Promise<unknown>;
  };
  login: { approve(input: { code: string }): Promise<unknown> };
}
interface TestApi extends AsyncDisposable {
  readonly app: unknown;
  tenant(): Promise<{ slug: string; owner: Owner }>;
}

export interface RealControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly slug: string;
  readonly owner: Owner;
}

/**
 * The control plane's real app on a real database, behind HTTP. It is imported by its path: the SDK knows the control
 * plane as a type and nothing else, and checking the types of this package shall not mean checking those of the server.
 */
export async function startRealControlPlane(): Promise<RealControlPlane> {
  const load = (path: string) => import(new URL(`../../control-plane/${path}`, import.meta.url).href);
  const { openTestApi } = (await load('test/api.ts')) as { openTestApi(): Promise<TestApi> };
  const { serveApp } = (await load('src/serve.ts')) as {
    serveApp(app: unknown, at: { host: string; port: number }): Promise<{ port: number; close(): Promise<void> }>;
  };
  const api = await openTestApi();
  const { slug, owner } = await api.tenant();
  const server = await serveApp(api.app, { host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${server.port}`,
    slug,
    owner,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await api[Symbol.asyncDispose]();
    },
  };
}
