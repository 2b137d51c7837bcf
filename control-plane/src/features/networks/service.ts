/** The networks from which an organization may be reached: by people, API keys and agents' enrolment. None: from anywhere. */
import { toId, uuidv7 } from '@signalbox/proto';
import type { networksSchema, setNetworksInput } from '@signalbox/proto/api';
import ipaddr from 'ipaddr.js';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, preconditionFailed } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';

type Networks = z.output<typeof networksSchema>;

export async function getNetworks(ctx: OrganizationCtx): Promise<Networks> {
  const organizationId = ctx.organization.id;
  const rows = await ctx.tx.organizationNetwork.findMany({ where: { organizationId }, orderBy: { cidr: 'asc' } });
  return {
    yourAddress: ctx.address,
    networks: rows.map(({ id, cidr, note, createdAt }) => ({ id: toId('network', id), cidr, note, createdAt: createdAt.toISOString() })),
  };
}

/** @throws PRECONDITION_FAILED when the list would lock out whoever sets it. */
export async function setNetworks(ctx: OrganizationCommandCtx, input: z.output<typeof setNetworksInput>): Promise<Audited<Networks>> {
  const organizationId = ctx.organization.id;
  const wanted = new Map(input.networks.map(({ cidr, note }, index) => [networkOf(cidr, index), note]));
  if (wanted.size > 0 && ![...wanted.keys()].some((cidr) => contains(cidr, ctx.address))) {
    throw preconditionFailed(`Your own address, ${ctx.address}, is in none of these networks: you would lock yourself out.`, {
      address: ctx.address,
    });
  }
  const before = await ctx.tx.organizationNetwork.findMany({ where: { organizationId }, select: { cidr: true } });
  await ctx.tx.organizationNetwork.deleteMany({ where: { organizationId } });
  const createdBy = ctx.actor.kind === 'user' ? ctx.actor.id : null;
  await ctx.tx.organizationNetwork.createMany({
    data: [...wanted].map(([cidr, note]) => ({ id: uuidv7(Date.now()), organizationId, cidr, note, createdBy })),
  });
  return audited(await getNetworks(ctx), {
    target: { kind: 'organization', id: organizationId },
    before: { networks: before.map(({ cidr }) => cidr) },
    after: { networks: [...wanted.keys()] },
  });
}

/** As Postgres writes it: the network's own address and its length. @throws INVALID_INPUT naming the entry. */
function networkOf(text: string, index: number): string {
  try {
    const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : single(text);
    const kind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
    return `${kind.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
  } catch {
    throw invalidInput([{ field: `networks.${index}.cidr`, expected: 'an address or a network such as 192.0.2.0/24', received: text }]);
  }
}

function single(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function contains(cidr: string, address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const [parsed, network] = [ipaddr.process(address), ipaddr.parseCIDR(cidr)];
  return parsed.kind() === network[0].kind() && parsed.match(network as [ipaddr.IPv4, number]);
}
