/**
 * The audit's chain, one an organization. A loop seals what was committed since the last link: writers wait for nobody.
 *
 * A link covers the rows of a range of transaction numbers, up to one that is older than every transaction still running:
 * no row can join the range later. Its hash takes in the rows' contents and the hash of the link before, keyed with the
 * control plane's secret, so that who writes to the database alone can neither change a row nor mend the chain.
 */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import type { AuditVerdict, verifyAuditInput } from '@signalbox/proto/api';
import type pg from 'pg';
import type { z } from 'zod';
import type { Sql } from '../../platform/sql.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';

/** Rows of one link, unless a single transaction wrote more. */
const ROWS_PER_LINK = 5_000;
/** Links that one look verifies. */
const LINKS_PER_LOOK = 200;
const NO_HASH = Buffer.alloc(32);

type Link = {
  number: string;
  from_xid: string;
  to_xid: string;
  entries: number;
  content_hash: Buffer;
  hash: Buffer;
  last_at: Date;
  purged: boolean;
  purge_hash: Buffer | null;
};

/** All of a row, in one text that does not depend on what columns come later. */
const CONTENT = `jsonb_build_array(id, organization_id, workspace_id, at, actor_kind, actor_id, actor_name, via, action, outcome, target_kind,
  target_id, before, after, request_id, address)::text AS content`;

/** The key of the chain, of the control plane's secret and for this purpose alone. */
export function chainKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'signalbox audit chain v1', 32));
}

/** Organizations with rows that no link covers and no running transaction can precede. */
export async function findUnsealed(system: pg.Pool): Promise<string[]> {
  // For each organization one look at the newest link and one at the index on (organization, xid).
  const { rows } = await system.query<{ id: string }>(
    `SELECT o.id FROM (SELECT id FROM organization UNION ALL SELECT '00000000-0000-0000-0000-000000000000') o
     LEFT JOIN LATERAL (SELECT s.to_xid FROM audit_seal s WHERE s.organization_id = o.id ORDER BY s.number DESC LIMIT 1) s ON true
     WHERE EXISTS (SELECT 1 FROM audit_entry a WHERE a.organization_id = o.id AND a.xid >= coalesce(s.to_xid, '0'::xid8)
       AND a.xid < pg_snapshot_xmin(pg_current_snapshot()))`,
  );
  return rows.map((row) => row.id);
}

/** Adds one link; answers how many rows it covers. 0: there was nothing, or another replica was first. */
export async function sealOnce(system: pg.Pool, key: Buffer, organizationId: string): Promise<number> {
  return inTransaction(system, async (sql) => {
    const [last] = await sql.query<Link & { horizon: string }>(
      `SELECT number, to_xid, hash FROM audit_seal WHERE organization_id = $1 ORDER BY number DESC LIMIT 1`,
      [organizationId],
    );
    const from = last?.to_xid ?? '0';
    const [range] = await sql.query<{ horizon: string; cut: string | null }>(
      `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
         (SELECT a.xid::text FROM audit_entry a WHERE a.organization_id = $1 AND a.xid >= $2::xid8 ORDER BY a.xid OFFSET $3 LIMIT 1) AS cut`,
      [organizationId, from, ROWS_PER_LINK],
    );
    const horizon = BigInt(range?.horizon ?? 0);
    // Up to the row that is too many; where one transaction wrote them all, to its end.
    const cut = range?.cut ? BigInt(range.cut) : horizon;
    const end = cut <= BigInt(from) ? BigInt(from) + 1n : cut;
    const to = String(end < horizon ? end : horizon);
    if (BigInt(to) <= BigInt(from)) return 0;
    const { contentHash, entries, lastAt } = await hashRows(sql, organizationId, from, to);
    if (entries === 0 || !lastAt) return 0;
    const number = String(BigInt(last?.number ?? 0) + 1n);
    const hash = hashLink(key, { organizationId, number, from, to, entries, contentHash, before: last?.hash ?? NO_HASH });
    // Of two replicas, the second finds the number taken.
    const added = await sql.query(
      `INSERT INTO audit_seal (organization_id, number, from_xid, to_xid, entries, last_at, content_hash, hash)
       VALUES ($1, $2, $3::xid8, $4::xid8, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING number`,
      [organizationId, number, from, to, entries, lastAt, contentHash, hash],
    );
    return added.length > 0 ? entries : 0;
  });
}

/** Walks the chain from a link on, and compares what it says with the rows that are there. */
export async function verifyChain(
  system: pg.Pool,
  key: Buffer,
  organizationId: string,
  { from, noted }: z.output<typeof verifyAuditInput>,
): Promise<AuditVerdict> {
  const sql = sqlOfClient(system);
  const links = await sql.query<Link>(
    `SELECT number, from_xid::text, to_xid::text, entries, content_hash, hash, last_at, purged_at IS NOT NULL AS purged, purge_hash FROM audit_seal
      WHERE organization_id = $1 AND number >= $2 ORDER BY number LIMIT $3`,
    [organizationId, from, LINKS_PER_LOOK + 1],
  );
  const [earlier] = await sql.query<Link>('SELECT hash, to_xid::text FROM audit_seal WHERE organization_id = $1 AND number = $2', [
    organizationId,
    from - 1,
  ]);
  const looked = links.slice(0, LINKS_PER_LOOK);
  const problems: AuditVerdict['problems'] = noted ? await compareNoted(sql, organizationId, noted) : [];
  let expected = from;
  let before = earlier?.hash ?? NO_HASH;
  let reached = earlier?.to_xid ?? '0';
  if (from > 1 && !earlier) problems.push({ link: from - 1, what: 'is missing' });
  for (const link of looked) {
    const number = Number(link.number);
    for (; expected < number; expected++) problems.push({ link: expected, what: 'is missing' });
    if (link.from_xid !== reached) problems.push({ link: number, what: 'does not begin where the one before ends' });
    const { entries, from_xid, to_xid, content_hash: contentHash } = link;
    const right = hashLink(key, { organizationId, number: link.number, from: from_xid, to: to_xid, entries, contentHash, before });
    if (!right.equals(link.hash)) problems.push({ link: number, what: 'was changed, or does not follow from the one before' });
    if (!link.purged) problems.push(...(await compareRows(sql, organizationId, link)));
    else if (!link.purge_hash?.equals(hashPurge(key, link.hash)))
      problems.push({ link: number, what: 'lost its entries, and not to retention' });
    before = link.hash;
    reached = link.to_xid;
    expected = number + 1;
  }
  const isLast = links.length <= LINKS_PER_LOOK;
  const newest = looked.at(-1);
  const [unsealed] = await sql.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM (SELECT 1 FROM audit_entry WHERE organization_id = $1 AND xid >= $2::xid8 LIMIT 100000) x',
    [organizationId, reached],
  );
  return {
    links: looked.length,
    entries: looked.reduce((sum, link) => sum + (link.purged ? 0 : link.entries), 0),
    purged: looked.filter((link) => link.purged).length,
    problems,
    unsealed: isLast ? (unsealed?.n ?? 0) : 0,
    sealedUntil: looked.at(-1)?.last_at.toISOString() ?? null,
    head: newest ? { link: Number(newest.number), hash: newest.hash.toString('hex') } : null,
    next: isLast ? null : from + LINKS_PER_LOOK,
  };
}

/** Of links that were cut off at the end, with their entries, the chain itself tells nothing: what was noted elsewhere does. */
async function compareNoted(sql: Sql, organizationId: string, noted: { link: number; hash: string }): Promise<AuditVerdict['problems']> {
  const [found] = await sql.query<Pick<Link, 'hash'>>('SELECT hash FROM audit_seal WHERE organization_id = $1 AND number = $2', [
    organizationId,
    noted.link,
  ]);
  if (found?.hash.toString('hex') === noted.hash) return [];
  return [{ link: noted.link, what: found ? 'is another than was noted' : 'was noted, and is missing' }];
}

/**
 * Deletes the entries of the oldest links whose time is over, and says so in a way that nobody can without the secret. What the entries
 * themselves say of their age counts, and they must be as they were sealed. Answers how many went.
 */
export async function purgeDue(system: pg.Pool, key: Buffer, most: number): Promise<number> {
  return inTransaction(system, async (sql) => {
    const due = await sql.query<Link & { organization_id: string; cutoff: Date }>(
      `SELECT s.*, now() - make_interval(days => greatest(coalesce(o.audit_days, 400), 30)) AS cutoff
         FROM audit_seal s LEFT JOIN organization o ON o.id = s.organization_id
        WHERE s.purged_at IS NULL AND s.last_at < now() - make_interval(days => greatest(coalesce(o.audit_days, 400), 30))
        ORDER BY s.organization_id, s.number LIMIT $1 FOR UPDATE OF s SKIP LOCKED`,
      [most],
    );
    let purged = 0;
    for (const link of due) {
      const { organization_id: organizationId, number, from_xid: from, to_xid: to } = link;
      const { contentHash, lastAt } = await hashRows(sql, organizationId, from, to);
      // One that somebody changed stays, for verify to tell.
      if (!contentHash.equals(link.content_hash) || (lastAt && lastAt >= link.cutoff)) continue;
      await sql.query('UPDATE audit_seal SET purged_at = now(), purge_hash = $3 WHERE organization_id = $1 AND number = $2', [
        organizationId,
        number,
        hashPurge(key, link.hash),
      ]);
      await sql.query('DELETE FROM audit_entry WHERE organization_id = $1 AND xid >= $2::xid8 AND xid < $3::xid8', [
        organizationId,
        from,
        to,
      ]);
      purged += link.entries;
    }
    return purged;
  });
}

function hashPurge(key: Buffer, hash: Buffer): Buffer {
  return createHmac('sha256', key).update('purged').update(hash).digest();
}

async function compareRows(sql: Sql, organizationId: string, link: Link): Promise<AuditVerdict['problems']> {
  const found = await hashRows(sql, organizationId, link.from_xid, link.to_xid);
  const number = Number(link.number);
  if (found.entries !== link.entries) {
    return [{ link: number, what: `covers ${link.entries} entries, of which ${found.entries} are there` }];
  }
  return found.contentHash.equals(link.content_hash) ? [] : [{ link: number, what: 'covers an entry that was changed' }];
}

async function hashRows(sql: Sql, organizationId: string, from: string, to: string) {
  // By the index on (organization, xid); one transaction's rows by id.
  const rows = await sql.query<{ content: string; at: Date }>(
    `SELECT at, ${CONTENT} FROM audit_entry WHERE organization_id = $1 AND xid >= $2::xid8 AND xid < $3::xid8 ORDER BY xid, id`,
    [organizationId, from, to],
  );
  const hash = createHash('sha256');
  for (const row of rows) hash.update(row.content).update('\n');
  const lastAt = rows.reduce<Date | null>((latest, { at }) => (latest && latest > at ? latest : at), null);
  return { contentHash: hash.digest(), entries: rows.length, lastAt };
}

type LinkContent = {
  organizationId: string;
  number: string;
  from: string;
  to: string;
  entries: number;
  contentHash: Buffer;
  before: Buffer;
};

function hashLink(key: Buffer, { organizationId, number, from, to, entries, contentHash, before }: LinkContent): Buffer {
  return createHmac('sha256', key)
    .update(before)
    .update(contentHash)
    .update(`${organizationId} ${number} ${from} ${to} ${entries}`)
    .digest();
}
