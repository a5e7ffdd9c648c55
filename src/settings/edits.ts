import { machineRandom, mintAccount, type RandomInt } from './mint.ts'
import { checkDocument } from './parse.ts'
import { lean } from './print.ts'
import type { Table } from './raw-document.ts'
import type { DeviceDocument, SetupDocument, WrittenDocument } from './schema.ts'
import type { Application, ApplyOptions, Settings } from './settings.ts'

/** Single changes, as commands and pages make them: each is a whole document that goes through every rule. */
export type Edited<Extra = object> =
  | ({
      readonly kind: 'done'
      readonly application: Extract<Application, { kind: 'applied' | 'checked' }>
    } & Extra)
  | { readonly kind: 'unknown' }
  | Extract<Application, { readonly kind: 'problems' } | { readonly kind: 'outdated' }>

export type WrittenDevice = NonNullable<WrittenDocument['device']>[number]

export interface DeviceEditOptions extends ApplyOptions {
  readonly isStrong?: boolean
  /** The device is known by its addresses alone; nothing is minted. */
  readonly isPasswordless?: boolean
  readonly random?: RandomInt
}

/** What was minted or given; undefined where the device has none. */
export interface DeviceAccount {
  readonly username: string | undefined
  readonly password: string | undefined
}

/** Finds a device by its name or username, whatever the case. */
export function findDevice(document: SetupDocument, nameOrLogin: string): DeviceDocument | undefined {
  const folded = nameOrLogin.toLowerCase()
  return (
    document.device.find(({ name }) => name.toLowerCase() === folded) ??
    document.device.find(({ username }) => username === folded)
  )
}

/** Adds a device with a minted account; a username or password that `device` brings along is kept. */
export function addDevice(
  settings: Settings,
  device: WrittenDevice,
  options: DeviceEditOptions,
): Edited<{ readonly account: DeviceAccount }> {
  const { document } = settings
  const { username, password } = options.isPasswordless === true ? device : mintFor(document, device, options)
  const row = {
    ...device,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }
  const edited = edit(settings, options, { device: [...document.device, row] })
  return edited.kind === 'done' ? { ...edited, account: { username, password } } : edited
}

function mintFor(document: SetupDocument, device: WrittenDevice, options: DeviceEditOptions): DeviceAccount {
  const isBound = (device.addresses?.length ?? 0) > 0
  const minted = mintAccount(
    { ...options, isBound, taken: loginsOf(document) },
    options.random ?? machineRandom,
  )
  return { username: device.username ?? minted.username, password: device.password ?? minted.password }
}

export function removeDevice(settings: Settings, nameOrLogin: string, options: ApplyOptions): Edited {
  const { document } = settings
  const device = findDevice(document, nameOrLogin)
  if (device === undefined) return { kind: 'unknown' }
  return edit(settings, options, { device: document.device.filter((row) => row !== device) })
}

/** Gives a device a new password; its login stays, unless it had none. */
export function rotateDevice(
  settings: Settings,
  nameOrLogin: string,
  options: DeviceEditOptions,
): Edited<{ readonly account: DeviceAccount }> {
  const { document } = settings
  const device = findDevice(document, nameOrLogin)
  if (device === undefined) return { kind: 'unknown' }
  const login = device.username ?? device.also_known_as[0]
  const { password: _, ...withoutPassword } = device
  const minted = mintFor(document, withoutPassword, options)
  const account = { username: login ?? minted.username, password: minted.password }
  const changed = { ...device, ...(login === undefined && account), password: account.password }
  const rows = document.device.map((row) => (row === device ? changed : row))
  const edited = edit(settings, options, { device: rows })
  return edited.kind === 'done' ? { ...edited, account } : edited
}

/** Adds an alias, or gives one its new targets. */
export function addAlias(
  settings: Settings,
  name: string,
  to: readonly string[],
  options: ApplyOptions,
): Edited {
  const rest = settings.document.alias.filter((alias) => alias.name.toLowerCase() !== name.toLowerCase())
  return edit(settings, options, { alias: [...rest, { name, to: [...to] }] })
}

export function removeAlias(settings: Settings, name: string, options: ApplyOptions): Edited {
  const { alias } = settings.document
  const rest = alias.filter((row) => row.name.toLowerCase() !== name.toLowerCase())
  return rest.length === alias.length ? { kind: 'unknown' } : edit(settings, options, { alias: rest })
}

const loginsOf = (document: SetupDocument): ReadonlySet<string> =>
  new Set(
    document.device.flatMap(({ username, also_known_as }) =>
      [username ?? '', ...also_known_as].map((login) => login.toLowerCase()),
    ),
  )

/**
 * The way out signs in with the box's certificate from now on, as the same app; its secrets go. Unknown where it has no
 * client secret.
 */
export function replaceSecret(settings: Settings, upstream: string, options: ApplyOptions): Edited {
  const { document } = settings
  const row = document.upstream.find(({ name }) => name === upstream)
  if (row?.credential.kind !== 'client-secret') return { kind: 'unknown' }
  const { tenant_id, client_id, object_id } = row.credential
  const credential = {
    kind: 'client-certificate',
    tenant_id,
    client_id,
    ...(object_id !== undefined && { object_id }),
    certificate_file: '',
    expires: '',
  } as const
  const rows = document.upstream.map((one) => (one === row ? { ...one, credential } : one))
  return edited(settings.replace({ ...document, upstream: rows }, options))
}

/** What a command typed is checked like what stands in a file. A table that is undefined is taken out of it. */
export function edit(settings: Settings, options: ApplyOptions, tables: Table): Edited {
  const changed = Object.entries({ ...lean(settings.document), ...tables })
  const parsed = checkDocument(Object.fromEntries(changed.filter(([, table]) => table !== undefined)))
  if (parsed.kind === 'problems') return parsed
  return edited(settings.replace(parsed.document, options))
}

export function edited(application: Application): Edited {
  switch (application.kind) {
    case 'applied':
    case 'checked':
      return { kind: 'done', application }
    case 'problems':
    case 'outdated':
      return application
  }
}
