import { isPem } from '../core/pem.ts'
import { type SecretName, secretName } from '../core/secret.ts'
import type {
  BackupDocument,
  CredentialDocument,
  DeviceDocument,
  FleetDocument,
  NetworkDocument,
  SetupDocument,
  UpstreamDocument,
} from './schema.ts'
import { kept } from './schema-fields.ts'

/** One place of the document where a secret may stand, in clear, as `(kept)`, or as the name of a file. */
export interface SecretSlot {
  readonly table: 'device' | 'upstream' | 'backup' | 'network' | 'fleet'
  readonly index: number
  readonly row: string
  /** `password`, `credential.key`, `wifi.passphrase`. */
  readonly key: string
  readonly name: SecretName
  readonly value: string | undefined
  readonly file: string | undefined
}

export const devicePassword = (device: string): SecretName => secretName('device', device, 'password')
export const upstreamSecret = (upstream: string, key: string): SecretName =>
  secretName('upstream', upstream, key)

export const backupSecret = (target: string): SecretName => secretName('backup', target, 'secret')
export const wifiPassphrase: SecretName = secretName('network', 'wifi', 'passphrase')
export const portPassword: SecretName = secretName('network', 'port_access', 'password')
export const portCertificate: SecretName = secretName('network', 'port_access', 'certificate_file')
/** The text itself; a file's name is none. */
const sealedPem = (text: string | undefined): string | undefined =>
  text === kept || isPem(text ?? '') ? text : undefined

export const fleetPassword: SecretName = secretName('fleet', 'url', 'password')
/** Of another box. */
export const fleetToken = (box: string): SecretName => secretName('fleet', box, 'token')

interface CredentialSecret {
  readonly key: string
  readonly value: string | undefined
  readonly file: string | undefined
}

/** The secrets of a credential in the order in which they are tried; those that are not set included. */
export function credentialSecrets(credential: CredentialDocument): readonly CredentialSecret[] {
  switch (credential.kind) {
    case 'access-key':
      return [
        { key: 'key', value: credential.key, file: credential.key_file },
        { key: 'next_key', value: credential.next_key, file: credential.next_key_file },
      ]
    case 'client-secret':
      return [
        { key: 'secret', value: credential.secret, file: credential.secret_file },
        { key: 'next_secret', value: credential.next_secret, file: credential.next_secret_file },
      ]
    case 'password':
      return [{ key: 'password', value: credential.password, file: credential.password_file }]
    case 'client-certificate':
    case 'none':
      return []
  }
}

/** Every secret that the document sets or names. */
export const secretSlots = (document: SetupDocument): readonly SecretSlot[] => [
  ...document.device.flatMap(slotOfDevice),
  ...document.upstream.flatMap(slotsOfUpstream),
  ...document.backup.flatMap(slotOfBackup),
  ...slotsOfNetwork(document.network),
  ...slotsOfFleet(document.fleet),
]

/** Where a person finds a slot: `device "Front desk": password`, `network: wifi.passphrase`. */
export const slotText = ({ table, row, key }: SecretSlot): string =>
  table === 'network' || table === 'fleet' ? `${table}: ${key}` : `${table} ${JSON.stringify(row)}: ${key}`

function slotsOfFleet({ password, password_file, box }: FleetDocument): SecretSlot[] {
  const secrets = [
    { row: '', key: 'password', name: fleetPassword, value: password, file: password_file },
    ...box.map(({ name, token, token_file }) => ({
      row: name,
      key: `box.${name}.token`,
      name: fleetToken(name),
      value: token,
      file: token_file,
    })),
  ]
  return secrets
    .filter(({ value, file }) => value !== undefined || file !== undefined)
    .map((secret) => ({ table: 'fleet', index: 0, ...secret }))
}

function slotsOfNetwork(network: SetupDocument['network']): SecretSlot[] {
  const slot = { table: 'network', index: 0, row: '', file: undefined } as const
  const secrets = [
    { key: 'wifi.passphrase', name: wifiPassphrase, value: network?.wifi?.passphrase },
    { key: 'port_access.password', name: portPassword, value: network?.port_access?.password },
    {
      key: 'port_access.certificate_file',
      name: portCertificate,
      value: sealedPem(network?.port_access?.certificate_file),
    },
  ]
  return secrets.flatMap((secret) => (secret.value === undefined ? [] : [{ ...slot, ...secret }]))
}

function slotOfDevice(device: DeviceDocument, index: number): SecretSlot[] {
  if (device.password === undefined) return []
  const name = devicePassword(device.name)
  const slot = { index, row: device.name, key: 'password', name, value: device.password, file: undefined }
  return [{ table: 'device', ...slot }]
}

function slotOfBackup(
  { name, secret: value, secret_file: file }: BackupDocument,
  index: number,
): SecretSlot[] {
  if (value === undefined && file === undefined) return []
  return [{ table: 'backup', index, row: name, key: 'secret', name: backupSecret(name), value, file }]
}

function slotsOfUpstream(upstream: UpstreamDocument, index: number): SecretSlot[] {
  return credentialSecrets(upstream.credential)
    .filter(({ value, file }) => value !== undefined || file !== undefined)
    .map(({ key, value, file }) => ({
      table: 'upstream',
      index,
      row: upstream.name,
      key: `credential.${key}`,
      name: upstreamSecret(upstream.name, key),
      value,
      file,
    }))
}

/** The same document with `put` in place of every secret that stands in it. */
export function withSecrets(document: SetupDocument, put: (value: string) => string): SetupDocument {
  const set = (value: string | undefined): string | undefined => value && put(value)
  return {
    ...document,
    operator: document.operator.map((row) => ({ ...row, password_hash: put(row.password_hash) })),
    device: document.device.map((row) => replaced(row, { password: set(row.password) })),
    upstream: document.upstream.map((row) => ({ ...row, credential: credentialWith(row.credential, set) })),
    backup: document.backup.map((row) => replaced(row, { secret: set(row.secret) })),
    ...(document.network && { network: networkWith(document.network, set) }),
    fleet: fleetWith(document.fleet, set),
  }
}

const fleetWith = (
  fleet: FleetDocument,
  set: (value: string | undefined) => string | undefined,
): FleetDocument => ({
  ...replaced(fleet, { password: set(fleet.password) }),
  box: fleet.box.map((row) => replaced(row, { token: set(row.token) })),
})

function networkWith(
  network: NetworkDocument,
  set: (value: string | undefined) => string | undefined,
): NetworkDocument {
  const { wifi, port_access: port } = network
  return replaced(network, {
    wifi: wifi && replaced(wifi, { passphrase: set(wifi.passphrase) }),
    port_access:
      port &&
      replaced(port, {
        password: set(port.password),
        certificate_file: set(sealedPem(port.certificate_file)) ?? port.certificate_file,
      }),
  })
}

function credentialWith(
  credential: CredentialDocument,
  set: (value: string | undefined) => string | undefined,
): CredentialDocument {
  switch (credential.kind) {
    case 'access-key':
      return replaced(credential, { key: set(credential.key), next_key: set(credential.next_key) })
    case 'client-secret':
      return replaced(credential, {
        secret: set(credential.secret),
        next_secret: set(credential.next_secret),
      })
    case 'password':
      return replaced(credential, { password: set(credential.password) })
    case 'client-certificate':
    case 'none':
      return credential
  }
}

/** Changes keys in place, so that their order stays the schema's; a key that was not there is not added. */
function replaced<Row extends object>(row: Row, changes: Partial<Row>): Row {
  const present = Object.entries(changes).filter(([key]) => key in row)
  return { ...row, ...Object.fromEntries(present) }
}
