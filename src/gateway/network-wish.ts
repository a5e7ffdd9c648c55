import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { NetworkWish } from '../core/machine-network.ts'
import type { Refused } from '../core/operations.ts'
import { extractCertificates, extractKeyPair, isPem, type PemExtract } from '../core/pem.ts'
import type { SecretName, Secrets } from '../core/secret.ts'
import { errorCode } from '../platform/durable-file.ts'
import { kept, type NetworkDocument } from '../settings/schema.ts'
import { portCertificate, portPassword, wifiPassphrase } from '../settings/secret-slots.ts'

export type WishMaking =
  /** `ignored`: what stood in its files and is not handed on, a sentence each. */
  { readonly kind: 'wish'; readonly wish: NetworkWish | null; readonly ignored: readonly string[] } | Refused

/**
 * `[network]` with its secrets opened and its files read: the machine service takes no names of files. Files stand in the
 * data directory where they are relative.
 */
export function wishOf(network: NetworkDocument | undefined, secrets: Secrets, dataDir: string): WishMaking {
  if (network === undefined) return { kind: 'wish', wish: null, ignored: [] }
  const ignored: string[] = []
  try {
    return { kind: 'wish', wish: made(network, secrets, dataDir, ignored), ignored }
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return { kind: 'refused', reason: error.message }
  }
}

class Missing extends Error {}

function made(network: NetworkDocument, secrets: Secrets, dataDir: string, ignored: string[]): NetworkWish {
  const { wifi, port_access: port } = network
  const file = (key: string, value: string, extract: (text: string) => PemExtract): string => {
    const place = `network: port_access.${key}`
    const given =
      key === 'certificate_file' ? opened(value, portCertificate, `port_access.${key}`, secrets) : value
    const path = resolve(dataDir, given)
    const found = extract(isPem(given) ? given : textOf(place, path))
    if (found.kind === 'refused')
      throw new Missing(`${place}: ${isPem(given) ? '' : `${path}: `}${found.reason}`)
    if (found.ignored !== '') ignored.push(`${place}: not handed on: ${found.ignored}`)
    return found.pem
  }
  return {
    method: network.method,
    address: network.address,
    gateway: network.gateway,
    ipv6: network.ipv6,
    ipv6Address: network.ipv6_address,
    ipv6Gateway: network.ipv6_gateway,
    dns: network.dns,
    ntp: network.ntp,
    vlan: network.vlan,
    wifi: wifi
      ? {
          ssid: wifi.ssid,
          passphrase: opened(wifi.passphrase, wifiPassphrase, 'wifi.passphrase', secrets),
          country: wifi.country,
        }
      : null,
    portAccess: port
      ? {
          method: port.method,
          identity: port.identity,
          password: opened(port.password, portPassword, 'port_access.password', secrets),
          authority: file('ca_file', port.ca_file, extractCertificates),
          certificate:
            port.method === 'eap-tls' ? file('certificate_file', port.certificate_file, extractKeyPair) : '',
        }
      : null,
  }
}

/** What stands there, or what is kept of it. */
function opened(value: string | undefined, name: SecretName, key: string, secrets: Secrets): string {
  if (value !== kept) return value ?? ''
  const secret = secrets.open(name)
  if (secret.kind === 'open') return secret.value
  throw new Missing(`network: ${key}: can't be opened: the vault says ${secret.kind}`)
}

function textOf(place: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Missing(`${place}: ${path} can't be read: ${errorCode(error) ?? String(error)}`)
  }
}
