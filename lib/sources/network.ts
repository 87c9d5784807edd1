import { lookup } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'
import { Final } from './source.ts'

/** Where an address leads, the least public first. */
export const NETWORKS = ['link-local', 'loopback', 'private', 'public'] as const

/** Where an address leads. */
export type Network = typeof NETWORKS[number]

/**
 * Blocks of addresses that are not public. `link-local` holds the addresses of cloud metadata, too: they give the
 * credentials of the machine to whoever asks from it.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
const BLOCKS: Record<Exclude<Network, 'public'>, ReadonlyArray<[address: string, bits: number]>> = {
  'link-local': [
    ['169.254.0.0', 16], ['fe80::', 10],
    // The metadata of Alibaba, Azure, Oracle and Amazon, outside of the link-local blocks.
    ['100.100.100.200', 32], ['168.63.129.16', 32], ['192.0.0.192', 32], ['fd00:ec2::', 32]
  ],
  // The unspecified address connects to this machine.
  loopback: [['127.0.0.0', 8], ['0.0.0.0', 8], ['::1', 128], ['::', 128]],
  private: [
    ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['192.0.0.0', 24], ['198.18.0.0', 15],
    ['224.0.0.0', 4], ['240.0.0.0', 4], ['fc00::', 7], ['fec0::', 10], ['ff00::', 8],
    // 6to4, Teredo, local NAT64 and translated addresses, which hold an IPv4 address.
    ['2002::', 16], ['2001::', 32], ['64:ff9b:1::', 48], ['::ffff:0:0:0', 96]
  ]
}

/** Prefixes before an IPv4 address in an IPv6 address: NAT64, and the old form of compatible addresses. BlockList knows mapped ones. */
const IPV4_PREFIXES = ['64:ff9b::', '::']

const LISTS = NETWORKS.flatMap(network => network === 'public' ? [] : [{ network, list: listOf(BLOCKS[network]) }])

function listOf (blocks: ReadonlyArray<[address: string, bits: number]>): BlockList {
  const list = new BlockList()
  for (const [address, bits] of blocks) {
    list.addSubnet(address, bits, isIPv6(address) ? 'ipv6' : 'ipv4')
    if (isIPv6(address)) continue
    for (const prefix of IPV4_PREFIXES) list.addSubnet(`${prefix}${address}`, 96 + bits, 'ipv6')
  }
  return list
}

/** Where an IP address leads. What is not an IP address counts as link-local, which nothing may reach. */
export function networkOf (address: string): Network {
  const bare = address.replace(/^\[|\]$|%.*$/g, '')
  const version = isIP(bare)
  if (version === 0) return 'link-local'
  return LISTS.find(({ list }) => list.check(bare, version === 6 ? 'ipv6' : 'ipv4'))?.network ?? 'public'
}

/**
 * The network of a server by the address of its connection. A connection that the server has reset no longer has one: then the
 * strictest rule holds for where its answer leads.
 */
export function networkOfPeer (address: string | undefined): Network {
  return address === undefined ? 'public' : networkOf(address)
}

/** Whether an address leads to a network that is at least as public as another. */
export function isAtLeast (network: Network, floor: Network): boolean {
  return NETWORKS.indexOf(network) >= NETWORKS.indexOf(floor)
}

/**
 * Checks that the host of a URL, if it is an IP address, is in a network that may be reached. Sockets connect to such a host
 * without a look-up.
 *
 * @param floor the least public network that may be reached
 * @throws Final
 */
export function checkHost ({ hostname }: URL, floor: Network): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) === 0) return
  const network = networkOf(address)
  if (!isAtLeast(network, floor)) throw forbidden(hostname, network)
}

/**
 * Makes the look-up of a socket, which gives only addresses that may be reached. The socket connects to one of these, so that a
 * name server cannot give one address to a check and another to the connection.
 *
 * @param floor the least public network that may be reached
 */
export function lookupFrom (floor: Network): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const allowed = found.filter(({ address }) => isAtLeast(networkOf(address), floor))
      const [first] = allowed
      if (!first) return callback(forbidden(hostname, networkOf(found[0]?.address ?? '')), [])
      if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

function forbidden (host: string, network: Network): Final {
  const reason = network === 'link-local'
    ? 'a link-local address or one of cloud metadata, which no model may come from'
    : `a ${network} address, to which a redirect from a more public network may not lead; name that address itself if the model is there`
  return new Final(`${host} is ${reason}`)
}
