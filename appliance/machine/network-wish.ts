import { isIP } from 'node:net'
import * as v from 'valibot'
import type { NetworkWish } from '../../src/core/machine-network.ts'

/** Everything ends up in files of line-wise programs that run as root. */
const line = (longest: number) => v.pipe(v.string(), v.maxLength(longest), v.regex(/^\P{Cc}*$/u))
const filled = (longest: number) => v.pipe(line(longest), v.minLength(1))

const isAddress = (family: 4 | 6) => (text: string) => text === '' || isIP(text) === family
const isBlock = (family: 4 | 6) => (text: string) => {
  const [, address = '', bits = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? []
  return (
    text === '' ||
    (isIP(address) === family && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  )
}
const address = (family: 4 | 6) => v.pipe(line(45), v.check(isAddress(family), `no IPv${family} address`))
const block = (family: 4 | 6) =>
  v.pipe(line(49), v.check(isBlock(family), `no IPv${family} address with /prefix`))
export const ipv4Block = v.pipe(block(4), v.minLength(1))

const host = v.pipe(v.string(), v.regex(/^[A-Za-z0-9.:_-]{1,253}$/))
/** RFC 7468. No hyphen inside: a text of many blocks could be read in so many ways that no answer would come. */
const pem = v.pipe(
  v.string(),
  v.maxLength(100_000),
  v.regex(/^(?:-----BEGIN [A-Z0-9 ]+-----[A-Za-z0-9+/=\s]+-----END [A-Z0-9 ]+-----\s*)+$/),
)

export const networkWish: v.GenericSchema<unknown, NetworkWish> = v.strictObject({
  method: v.picklist(['dhcp', 'static'] as const),
  address: block(4),
  gateway: address(4),
  ipv6: v.picklist(['auto', 'static', 'off'] as const),
  ipv6Address: block(6),
  ipv6Gateway: address(6),
  dns: v.pipe(
    v.array(
      v.pipe(
        line(45),
        v.check((text) => isIP(text) !== 0, 'no address'),
      ),
    ),
    v.maxLength(8),
  ),
  ntp: v.pipe(v.array(host), v.maxLength(8)),
  vlan: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4094)),
  wifi: v.nullable(
    v.strictObject({
      ssid: v.pipe(
        filled(32),
        v.check((text) => Buffer.byteLength(text) <= 32, 'longer than 32 octets'),
      ),
      passphrase: v.union([v.literal(''), v.pipe(v.string(), v.regex(/^[\u0020-\u007e]{8,63}$/))]),
      country: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)),
    }),
  ),
  portAccess: v.nullable(
    v.strictObject({
      method: v.picklist(['eap-tls', 'peap'] as const),
      identity: filled(255),
      password: line(255),
      authority: pem,
      certificate: v.union([v.literal(''), pem]),
    }),
  ),
})
