import type { DocumentValue, RowChange } from '../../../src/core/setup-operations.ts'

/** Fields of the form by the keys of `[network]`. */
export type NetworkFields = Readonly<Record<NetworkKey, string>>
export type NetworkKey = (typeof networkKeys)[number]

export const networkKeys = [
  'method',
  'address',
  'gateway',
  'ipv6',
  'ipv6_address',
  'ipv6_gateway',
  'dns',
  'ntp',
  'vlan',
  'wifi.ssid',
  'wifi.passphrase',
  'wifi.country',
  'port_access.method',
  'port_access.identity',
  'port_access.password',
  'port_access.ca_file',
  'port_access.certificate_file',
] as const

const kept = '(kept)'
const defaults: Readonly<Partial<Record<NetworkKey, string>>> = { method: 'dhcp', ipv6: 'auto' }

export function fieldsOf(settings: RowChange | null): NetworkFields {
  const entries = networkKeys.map((key) => [key, typed(at(settings ?? {}, key)) || (defaults[key] ?? '')])
  // Every key has its entry.
  return Object.fromEntries(entries) as NetworkFields
}

/** A secret that is kept is not shown: an empty field leaves it as it is. */
function typed(value: DocumentValue | undefined): string {
  if (value === undefined || value === null || value === kept) return ''
  return Array.isArray(value) ? value.join(' ') : String(value)
}

function at(row: RowChange, key: NetworkKey): DocumentValue | undefined {
  const [table = '', inner] = key.split('.')
  const value = row[table]
  if (inner === undefined) return value
  return isRow(value) ? value[inner] : undefined
}

const isRow = (value: DocumentValue | undefined): value is RowChange =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isKept = (settings: RowChange | null, key: NetworkKey): boolean =>
  at(settings ?? {}, key) === kept

/** `[network]` as the setup document writes it. `before`: what there was, for secrets that stay. */
export function rowOf(fields: NetworkFields, before: RowChange | null): RowChange {
  const text = (key: NetworkKey): string => fields[key].trim()
  const list = (key: NetworkKey): readonly string[] =>
    text(key)
      .split(/[\s,;]+/)
      .filter(Boolean)
  const secret = (key: NetworkKey): string => fields[key] || (at(before ?? {}, key) === kept ? kept : '')
  const isFixed = text('method') === 'static'
  const isFixed6 = text('ipv6') === 'static'
  return filled({
    method: text('method'),
    address: isFixed ? text('address') : '',
    gateway: isFixed ? text('gateway') : '',
    ipv6: text('ipv6'),
    ipv6_address: isFixed6 ? text('ipv6_address') : '',
    ipv6_gateway: isFixed6 ? text('ipv6_gateway') : '',
    dns: list('dns'),
    ntp: list('ntp'),
    // What is no number is left to the box, which says so.
    vlan: /^\d*$/.test(text('vlan')) ? Number(text('vlan')) : text('vlan'),
    wifi:
      fields['wifi.ssid'] === ''
        ? {}
        : filled({
            ssid: fields['wifi.ssid'],
            passphrase: secret('wifi.passphrase'),
            country: text('wifi.country').toUpperCase(),
          }),
    port_access:
      text('port_access.method') === ''
        ? {}
        : filled({
            method: text('port_access.method'),
            identity: text('port_access.identity'),
            password: text('port_access.method') === 'peap' ? secret('port_access.password') : '',
            ca_file: text('port_access.ca_file'),
            certificate_file:
              text('port_access.method') === 'eap-tls' ? secret('port_access.certificate_file') : '',
          }),
  })
}

/** What is empty is left out: the default. */
const filled = (row: RowChange): RowChange =>
  Object.fromEntries(
    Object.entries(row).filter(
      ([, value]) => value !== '' && !(isRow(value) && Object.keys(value).length === 0),
    ),
  )
