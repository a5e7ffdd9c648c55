import type {
  ApplyResult,
  DeviceCard,
  DeviceWish,
  Done,
  Operations,
  Refused,
  Remark,
} from '../core/operations.ts'
import { ownAddresses } from '../platform/network.ts'
import { type CardPlace, card, serverOf } from '../settings/device-card.ts'
import {
  addAlias,
  addDevice,
  type Edited,
  findDevice,
  removeAlias,
  removeDevice,
  rotateDevice,
} from '../settings/edits.ts'
import { type Problem, problemText, rowPlace } from '../settings/problem.ts'
import { fieldsOf } from '../settings/row-edits.ts'
import type { ApplyOptions, Settings } from '../settings/settings.ts'
import { accessOperations } from './access-operations.ts'
import type { Stores } from './boot.ts'
import { managedAnswer } from './edit-answers.ts'
import { isInLan } from './twins/twin-care.ts'

type SettingsOperations = Pick<
  Operations,
  | 'applySetup'
  | 'exportSetup'
  | 'audit'
  | 'addDevice'
  | 'removeDevice'
  | 'card'
  | 'rotateDevice'
  | 'aliases'
  | 'addAlias'
  | 'removeAlias'
  | 'operators'
  | 'addOperator'
  | 'setOperatorPassword'
  | 'removeOperator'
  | 'claim'
  | 'removeSecondFactor'
  | 'tokens'
  | 'addToken'
  | 'removeToken'
>

/** The port that each open listener got. */
export type BoundPorts = () => readonly { readonly name: string; readonly port: number }[]

const noPorts: BoundPorts = () => []

/** `branch-07.local`, while the box answers to it in the LAN. */
export type AnsweredName = () => string | undefined

type SettingsStores = Pick<Stores, 'settings' | 'operators' | 'secondFactors' | 'tokens' | 'physicalReset'>

/** What can be done with settings alone, by a running gateway or beside the databases. */
export function settingsOperations(
  { settings, operators, secondFactors, tokens, physicalReset }: SettingsStores,
  ports: BoundPorts = noPorts,
  /** A card was shown that names this address of the box. */
  onTold: (address: string) => void = () => {},
  /** Beside the databases: a gateway that is started answers to it. */
  answered: AnsweredName = () =>
    isInLan(settings.setup) ? `${settings.setup.gateway.name}.local` : undefined,
): SettingsOperations {
  const isOld = (password: string) => physicalReset.isOldPassword(password)
  const cardOf = (name: string) => {
    const shown = deviceCard(settings, name, placeFor(settings, ports(), answered()), isOld)
    if (shown.kind === 'done' && shown.place) onTold(shown.place.server)
    return shown
  }
  const doneWithCard = (name: string, edited: Edited) => {
    const result = done(edited, noDevice(name), newDevicePlace(settings, name))
    return result.kind === 'refused' ? result : cardOf(name)
  }
  return {
    applySetup: async (text, options) => applyResult(settings, text, options),
    exportSetup: async () => settings.export(),
    audit: async (limit, filter) =>
      settings.audit(limit, filter).map(({ what, ...entry }) => ({ ...entry, what: what.join('; ') })),
    addDevice: async (wish, who) => doneWithCard(wish.name, addWished(settings, wish, who)),
    removeDevice: async (name, who) => done(removeDevice(settings, name, { who }), noDevice(name)),
    card: async (name) => cardOf(name),
    rotateDevice: async (name, isStrong, who) =>
      doneWithCard(name, rotateDevice(settings, name, { who, isStrong })),
    aliases: async () => settings.setup.aliases,
    addAlias: async (name, to, who) => done(addAlias(settings, name, to, { who }), ''),
    removeAlias: async (name, who) => done(removeAlias(settings, name, { who }), `there is no alias ${name}`),
    ...accessOperations({ operators, secondFactors, tokens }),
    claim: async () => {
      const claim = operators.claim()
      return { code: claim.kind === 'open' ? claim.code : '', isClaimed: claim.kind === 'claimed' }
    },
  }
}

export function applyResult(settings: Settings, text: string, options: ApplyOptions): ApplyResult {
  const check = options.check === true
  const application = settings.apply(text, options)
  switch (application.kind) {
    case 'applied':
    case 'checked':
      if (!check)
        return {
          kind: 'applied',
          changes: application.changes,
          remarks: application.remarks.map(remarkOf),
          revision: application.revision,
        }
      return { kind: 'valid', changes: application.changes, remarks: application.remarks.map(remarkOf) }
    case 'problems':
      return { kind: 'invalid', remarks: application.problems.map(remarkOf) }
    case 'outdated':
      throw new Error('an apply without a revision was outdated')
  }
}

const remarkOf = ({ severity, place, sentence }: Problem): Remark => ({ severity, place, sentence })

function addWished(settings: Settings, wish: DeviceWish, who: string): Edited {
  const device = {
    name: wish.name,
    addresses: [...wish.addresses],
    allowed_recipients: [...wish.allowedRecipients],
    ...(wish.sender === undefined ? {} : { sender: wish.sender }),
    ...(wish.owner === undefined ? {} : { owner: wish.owner }),
  }
  return addDevice(settings, device, { who, isStrong: wish.strong, isPasswordless: wish.passwordless })
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })
const wrong = (reason: string): Refused => ({ kind: 'refused', reason, isWrongInput: true })
const noDevice = (name: string): string => `there is no device ${name}: see \`inkpost device list\``

/** As problems name one that was not added: behind the others. */
export const newDevicePlace = ({ document }: Pick<Settings, 'document'>, name: string): string =>
  rowPlace('device', document.device.length, name)

/** `place`: of the row that was edited, as problems name it, so that a page says beside each field what is wrong with it. */
export function done(edited: Edited, unknown: string, place?: string): Done {
  switch (edited.kind) {
    case 'done':
      return { kind: 'done' }
    case 'unknown':
      return refused(unknown)
    case 'problems':
      if (edited.isManaged) return managedAnswer(edited)
      return {
        ...wrong(edited.problems.map(problemText).join('\n')),
        ...(place !== undefined && { trouble: { why: 'invalid', fields: fieldsOf(edited.problems, place) } }),
      }
    case 'outdated':
      return refused('the settings changed meanwhile: try again')
  }
}

/** Who claimed a box that was reset is not told what passwords it had. */
const fromBefore = '(from before the reset: make a new one)'

function deviceCard(
  settings: Settings,
  name: string,
  place: CardPlace,
  isOld: (password: string) => boolean,
): Done<DeviceCard> {
  const row = findDevice(settings.document, name)
  const device = settings.setup.devices.find((candidate) => candidate.name === row?.name)
  if (!device) return refused(noDevice(name))
  const opened = device.password === undefined ? undefined : settings.open(device.password)
  if (opened?.kind === 'locked') return refused('the vault is locked: the password can not be shown')
  const kept = opened?.kind === 'open' ? opened.value : undefined
  const isHidden = kept !== undefined && isOld(kept)
  const password = isHidden ? undefined : kept
  const username = device.username ?? device.alsoKnownAs[0]
  return {
    kind: 'done',
    card: card(device, isHidden ? fromBefore : password, place),
    ...(username !== undefined && password !== undefined && { username, password }),
    ...(isHidden && { isFromBefore: true }),
    place: {
      server: serverOf(place),
      ...(place.localName !== undefined && { localName: place.localName }),
      ports: place.listeners
        .filter(({ protocol }) => protocol === 'smtp')
        .map(({ port, security }) => ({ port, security })),
      sender: device.sender,
    },
  }
}

/** Where devices reach the box: its addresses beyond loopback if a listener is open there, else loopback. */
function placeFor(
  settings: Settings,
  ports: ReturnType<BoundPorts>,
  localName: string | undefined,
): CardPlace {
  const { gateway } = settings.setup
  const listeners = settings.setup.listeners.map((listener) => ({
    ...listener,
    port: ports.find(({ name }) => name === listener.name)?.port ?? listener.port,
  }))
  const isLocalOnly = listeners.every(({ address }) => address.startsWith('127.') || address === '::1')
  const addresses = isLocalOnly ? ['127.0.0.1'] : reachable(ownAddresses())
  return { listeners, name: gateway.name, localName, addresses }
}

/** Most panels take no IPv6: such an address stands on a card only where the box has no other. fe80:: needs a zone. */
function reachable(addresses: readonly string[]): readonly string[] {
  const ipv4 = addresses.filter((address) => !address.startsWith('127.') && !address.includes(':'))
  if (ipv4.length > 0) return ipv4
  return addresses.filter(
    (address) => address.includes(':') && address !== '::1' && !/^fe[89ab]/.test(address),
  )
}
