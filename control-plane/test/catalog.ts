/** What `pg_catalog` says against the rules of tenancy, one sentence each. Run as superuser: nothing is hidden from it. */
import type pg from 'pg';

/**
 * Reviewed exceptions, each with its reason. Policies that show every row to a role of requests: what they show is of no tenant.
 */
const SHOWN_TO_ALL: Readonly<Record<string, string>> = {
  served_clock: 'one instant, the same for all',
  event_shard: 'a position of a shard, which tells nothing of what is there',
};
/** Tables without any policy of a role of requests: requests have no grant on them either, which is checked. */
const REQUEST_ROLES = ['signalbox_app', 'signalbox_report'];
/** Prisma's own list of migrations: no tenant's, read at the start by the loops' role alone. */
const OTHERS = ['_prisma_migrations'];
/** Functions that run as the owner and that whoever connects may execute. Triggers are called by none. */
const EXECUTED_BY_ALL: readonly string[] = [];

/** What policies of a tenant's rows look at; each is set by the transaction of a request. */
const SETTINGS = /signalbox\.(workspace|workspaces|organization|user|deployments|pools|blocks)/;

type Policy = { name: string; roles: string[]; using: string | null; check: string | null };
type Relation = {
  name: string;
  kind: string;
  isLeaf: boolean;
  secured: boolean;
  forced: boolean;
  owner: string;
  grantees: string[];
  policies: Policy[];
  options: string[];
};
type Definer = { name: string; owner: string; config: string[]; isTrigger: boolean; isPublic: boolean };
type Role = { name: string; powers: string[] };

export async function catalogProblems(admin: pg.Client): Promise<string[]> {
  const { rows: relations } = await admin.query<Relation>(`
    SELECT c.relname AS name, c.relkind AS kind, c.relispartition AS "isLeaf", c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
      pg_get_userbyid(c.relowner) AS owner, coalesce(c.reloptions, '{}') AS options,
      coalesce((SELECT array_agg(DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END)
        FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner), '{}') AS grantees,
      coalesce((SELECT jsonb_agg(jsonb_build_object('name', p.policyname, 'roles', p.roles, 'using', p.qual, 'check', p.with_check))
        FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname), '[]') AS policies
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`);
  const { rows: definers } = await admin.query<Definer>(`
    SELECT p.oid::regprocedure::text AS name, pg_get_userbyid(p.proowner) AS owner, coalesce(p.proconfig, '{}') AS config,
      p.prorettype = 'trigger'::regtype AS "isTrigger", has_function_privilege('public', p.oid, 'EXECUTE') AS "isPublic"
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef`);
  const { rows: roles } = await admin.query<Role>(`
    SELECT rolname AS name, array_remove(ARRAY[CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
      CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolreplication THEN 'REPLICATION' END], NULL) AS powers
    FROM pg_roles WHERE rolname LIKE 'signalbox\\_%'`);
  return [
    ...relations.filter(({ name }) => !OTHERS.includes(name)).flatMap(problemsOfRelation),
    ...definers.flatMap(problemsOfDefiner),
    ...roles.flatMap(({ name, powers }) => powers.map((power) => `role ${name} has ${power}`)),
  ].sort();
}

function problemsOfRelation(relation: Relation): string[] {
  const { name, kind, owner, isLeaf, policies, grantees, options } = relation;
  const problems: string[] = [];
  const say = (what: string) => void problems.push(`${name}: ${what}`);
  if (owner !== 'signalbox_owner') say(`belongs to ${owner}`);
  if (grantees.includes('PUBLIC')) say('is granted to PUBLIC');
  if (kind === 'm' || kind === 'f') say('is a materialized view or a foreign table, on which there are no policies');
  if (kind === 'v') {
    // A view reads as its owner, whom every policy lets through, unless it says otherwise.
    if (!options.includes('security_invoker=true')) say('is a view that reads as its owner');
    return problems;
  }
  if (!relation.secured || !relation.forced) say('has no forced row-level security');
  if (isLeaf) {
    if (policies.length > 0 || grantees.length > 0) say('is a partition that is reached by itself');
    return problems;
  }
  for (const own of ['owner_all', 'system_all']) if (!policies.some((policy) => policy.name === own)) say(`has no policy ${own}`);
  for (const role of REQUEST_ROLES) {
    const its = policies.filter(({ roles }) => roles.includes(role));
    if (grantees.includes(role) && its.length === 0) say(`is granted to ${role} without a policy`);
    for (const policy of its) {
      // The condition of what is seen, or of what is written where nothing is seen.
      const condition = policy.using ?? policy.check ?? 'true';
      if (!SETTINGS.test(condition) && !(name in SHOWN_TO_ALL))
        say(`policy ${policy.name} shows ${role} rows whatever its request is about`);
    }
  }
  if (policies.some(({ roles }) => roles.includes('public'))) say('has a policy for everybody');
  return problems;
}

function problemsOfDefiner({ name, owner, config, isTrigger, isPublic }: Definer): string[] {
  const problems: string[] = [];
  const path = config.find((setting) => setting.startsWith('search_path='))?.slice('search_path='.length);
  // First the system's: nothing that somebody may create stands before it.
  if (!path?.startsWith('pg_catalog')) problems.push(`${name}: runs as ${owner} with a search path of its caller`);
  if (isPublic && !isTrigger && !EXECUTED_BY_ALL.includes(name)) problems.push(`${name}: runs as ${owner} for whoever connects`);
  return problems;
}
