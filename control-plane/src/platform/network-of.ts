/** What limits by address count: whoever has one address of IPv6 has all of its /64, 2^64 of them. */
import ipaddr from 'ipaddr.js';

/** `2001:db8:1:2::/64`; an IPv4 address, also one that came over a socket of IPv6, and whatever is no address as they are. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0])}/64`;
}
