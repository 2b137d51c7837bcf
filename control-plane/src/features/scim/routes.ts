/** `/scim/v2`: SCIM 2.0 by scimmy (schemas, filters, patches); what is kept is ours. RFC 7643, RFC 7644. */
import { type Context, Hono } from 'hono';
import SCIMMY from 'scimmy';
import { AppError, limitExceeded, unauthenticated } from '../../platform/errors.ts';
import type { HttpEnv } from '../../platform/http.ts';
import { knownKeys } from '../../platform/known-keys.ts';
import type { Services } from '../../platform/services.ts';
import { tokenBuckets } from '../../platform/token-bucket.ts';
import type { Directory } from './directory.ts';
import { readGroups, removeGroup, writeGroup } from './groups.ts';
import { organizationOfToken } from './tokens.ts';
import { lookedUp, readUsers, removeUser, writeUser } from './users.ts';

type C = Context<HttpEnv>;
const TYPE = { 'content-type': 'application/scim+json' };
const MAX_PAGE = 200;
const failures = tokenBuckets({ capacity: 20, refillPerSecond: 1 / 3 });
/** Requests of one directory: 50 a second, 200 at once. */
const perToken = tokenBuckets({ capacity: 200, refillPerSecond: 50 });

declareResources();

export function scimRoutes(services: Services): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const answer = (status: number, run: (c: C, directory: Directory) => Promise<object | undefined>) => async (c: C) => {
    const directory = await identify(services, c);
    try {
      const body = await run(c, directory);
      // Whoever it switched off may have made keys in any organization.
      if (c.req.method !== 'GET') knownKeys.forget(null);
      return body === undefined ? c.body(null, 204) : c.body(JSON.stringify(body), status as 200, TYPE);
    } catch (error) {
      if (!(error instanceof SCIMMY.Types.Error)) throw error;
      const refused = new SCIMMY.Messages.ErrorResponse(error);
      return c.body(JSON.stringify(refused), Number(refused.status) as 400, TYPE);
    }
  };
  const user = (c: C, id?: string) => new SCIMMY.Resources.User(...((id ? [id, queryOf(c)] : [queryOf(c)]) as unknown as []));
  app.get(
    '/ServiceProviderConfig',
    answer(200, (_c, directory) => new SCIMMY.Resources.ServiceProviderConfig().read(directory)),
  );
  app.get(
    '/ResourceTypes',
    answer(200, (_c, directory) => new SCIMMY.Resources.ResourceType().read(directory)),
  );
  app.get(
    '/Schemas',
    answer(200, (_c, directory) => new SCIMMY.Resources.Schema().read(directory)),
  );
  app.get(
    '/Users',
    answer(200, (c, directory) => user(c).read(directory)),
  );
  app.post(
    '/Users',
    answer(201, async (c, directory) => new SCIMMY.Resources.User().write(await bodyOf(c), directory)),
  );
  app.get(
    '/Users/:id',
    answer(200, (c, directory) => user(c, c.req.param('id')).read(directory)),
  );
  app.put(
    '/Users/:id',
    answer(200, async (c, directory) => user(c, c.req.param('id')).write(await bodyOf(c), directory)),
  );
  app.patch(
    '/Users/:id',
    answer(200, async (c, directory) => user(c, c.req.param('id')).patch(withBooleans(await bodyOf(c)) as never, directory)),
  );
  app.delete(
    '/Users/:id',
    answer(204, async (c, directory) => void (await user(c, c.req.param('id')).dispose(directory))),
  );
  const group = (c: C, id?: string) => new SCIMMY.Resources.Group(...((id ? [id, queryOf(c)] : [queryOf(c)]) as unknown as []));
  app.get(
    '/Groups',
    answer(200, (c, directory) => group(c).read(directory)),
  );
  app.post(
    '/Groups',
    answer(201, async (c, directory) => new SCIMMY.Resources.Group().write((await bodyOf(c)) as never, directory)),
  );
  app.get(
    '/Groups/:id',
    answer(200, (c, directory) => group(c, c.req.param('id')).read(directory)),
  );
  app.put(
    '/Groups/:id',
    answer(200, async (c, directory) => group(c, c.req.param('id')).write((await bodyOf(c)) as never, directory)),
  );
  app.patch(
    '/Groups/:id',
    answer(200, async (c, directory) => group(c, c.req.param('id')).patch((await bodyOf(c)) as never, directory)),
  );
  app.delete(
    '/Groups/:id',
    answer(204, async (c, directory) => void (await group(c, c.req.param('id')).dispose(directory))),
  );
  app.all('*', async (c) => {
    await identify(services, c);
    throw new AppError('NOT_FOUND', 'No such SCIM resource. There are Users, Groups, ServiceProviderConfig, ResourceTypes and Schemas.');
  });
  return app;
}

/** @throws UNAUTHENTICATED for a token that is unknown, over or revoked (one text), LIMIT_EXCEEDED. */
async function identify(services: Services, c: C): Promise<Directory> {
  const secret = /^Bearer +(sbc_[0-9A-Za-z]{43})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const found = secret ? await organizationOfToken(services.db, secret) : null;
  if (!found) {
    const blockedMs = failures.take(c.var.address);
    if (blockedMs !== null) throw limitExceeded('Too many refused tokens from your address.', { retryAfterMs: blockedMs });
    throw unauthenticated('Send the token of your directory as "Authorization: Bearer sbc_...": it may be mistyped, expired or revoked.');
  }
  const waitMs = perToken.take(found.id);
  if (waitMs !== null) throw limitExceeded('More than 50 requests a second.', { retryAfterMs: waitMs });
  const { organizationId, id, name } = found;
  return { services, organizationId, token: { id, name }, requestId: c.var.requestId, filter: c.req.query('filter') };
}

function queryOf(c: C): object {
  const { count, startIndex, ...query } = c.req.query();
  return {
    ...query,
    ...(startIndex === undefined ? {} : { startIndex: Number(startIndex) }),
    count: Math.min(count === undefined ? MAX_PAGE : Number(count), MAX_PAGE),
  };
}

async function bodyOf(c: C): Promise<object> {
  const body: unknown = await c.req.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw new SCIMMY.Types.Error(400, 'invalidSyntax', 'The body must be a JSON object');
  return body;
}

/** Entra ID says "True" and "False" where it means them. */
function withBooleans(body: object): object {
  const { Operations: operations } = body as { Operations?: unknown };
  if (!Array.isArray(operations)) return body;
  const truth = (value: unknown): unknown =>
    typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value;
  const mend = (operation: { path?: unknown; value?: unknown }): object => {
    const { path, value } = operation;
    if (typeof path === 'string' && /^active$/i.test(path)) return { ...operation, value: truth(value) };
    if (typeof value !== 'object' || value === null || !('active' in value)) return operation;
    return { ...operation, value: { ...value, active: truth(value.active) } };
  };
  return {
    ...body,
    Operations: operations.map((operation) => (typeof operation === 'object' && operation !== null ? mend(operation) : operation)),
  };
}

function declareResources(): void {
  SCIMMY.Config.set({ patch: true, filter: true, bulk: false, sort: false, etag: false, changePassword: false });
  SCIMMY.Resources.User.basepath('/scim/v2');
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .ingress(async (resource, instance, directory) => (await writeUser(directory as Directory, resource.id, instance as never)) as never)
    .egress(async (resource, directory) => {
      const users = await readUsers(directory as Directory, resource.id);
      if (resource.id) {
        if (users.length === 0) throw new SCIMMY.Types.Error(404, null as never, `Resource ${resource.id} not found`);
        return users[0] as never;
      }
      const whole = directory as Directory;
      return (resource.filter && !lookedUp(whole.filter) ? resource.filter.match(users) : users) as never;
    })
    .degress(async (resource, directory) => removeUser(directory as Directory, resource.id ?? ''));
  SCIMMY.Resources.Group.basepath('/scim/v2');
  SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .ingress(async (resource, instance, directory) => (await writeGroup(directory as Directory, resource.id, instance as never)) as never)
    .egress(async (resource, directory) => {
      const groups = await readGroups(directory as Directory, resource.id);
      if (!resource.id) return (resource.filter ? resource.filter.match(groups) : groups) as never;
      if (groups.length === 0) throw new SCIMMY.Types.Error(404, null as never, `Resource ${resource.id} not found`);
      return groups[0] as never;
    })
    .degress(async (resource, directory) => removeGroup(directory as Directory, resource.id ?? ''));
}
