import { existsSync } from 'node:fs'
import type { Clock } from '../../core/clock.ts'
import type { Refused } from '../../core/operations.ts'
import { isPem } from '../../core/pem.ts'
import type { OperatorSetup, Setup } from '../../core/setup.ts'
import { ownAddresses } from '../../platform/network.ts'
import { riseAbove } from '../../settings/box-rank.ts'
import { openSettings } from '../../settings/open-settings.ts'
import type { Profile } from '../../settings/value.ts'

interface ResettleWorld {
  readonly profile: Profile
  readonly clock: Clock
  readonly who: string
  /** For the audit. */
  readonly deeds: readonly string[]
  /** Who may sign in on this box now; undefined: nobody can say. */
  readonly operators: readonly OperatorSetup[] | undefined
}

export type ResettledSettings =
  | {
      readonly kind: 'settled'
      readonly box: string
      readonly setup: string
      readonly remarks: readonly string[]
    }
  | Refused

/** Verifies settings from elsewhere, brings them up to date and notes in their audit what was done. */
export async function resettleSettings(
  place: string,
  { profile, clock, who, deeds, operators }: ResettleWorld,
): Promise<ResettledSettings> {
  const opening = await openSettings(place, { profile, now: () => clock.wall() })
  if (opening.kind !== 'open') {
    const isNewer = opening.kind === 'newer'
    const reason = isNewer
      ? `it was made by a newer release, which has to restore it: ${opening.detail}`
      : `the settings in it can't be used: ${opening.detail}`
    return { kind: 'refused', isWrongInput: true, reason }
  }
  using settings = opening.settings
  const state = opening.records.check()
  if (state !== 'ok')
    return { kind: 'refused', isWrongInput: true, reason: `the settings in it are damaged: ${state}` }
  opening.records.endSessions()
  riseAbove(opening.records, clock.wall())
  settings.record(who, deeds)
  const { vaultState } = settings
  return {
    kind: 'settled',
    box: settings.setup.gateway.name,
    setup: settings.export(),
    remarks: [
      ...(vaultState.kind === 'locked'
        ? ['the key of the vault is not in it: secrets stay locked until vault.key is put back']
        : []),
      ...settings.misfits.map((misfit) => `this release cannot read ${misfit}`),
      ...missingFiles(settings.setup),
      ...strangeAddresses(settings.setup),
      ...operatorRemarks(settings.setup.operators, operators),
    ],
  }
}

/** Whoever restores ends or lets in people by it. */
function operatorRemarks(
  then: readonly OperatorSetup[],
  now: readonly OperatorSetup[] | undefined,
): readonly string[] {
  if (now === undefined)
    return [then.length === 0 ? 'nobody is an operator then' : `operators then: ${listed(then)}`]
  const of = (name: string, all: readonly OperatorSetup[]) =>
    all.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const back = then.filter(({ name }) => of(name, now) === undefined)
  const gone = now.filter(({ name }) => of(name, then) === undefined)
  const changed = then.filter(({ name, role, passwordHash }) => {
    const present = of(name, now)
    return present && (present.role !== role || present.passwordHash !== passwordHash)
  })
  return [
    ...(back.length > 0 ? [`operators that may sign in again then: ${listed(back)}`] : []),
    ...(gone.length > 0 ? [`operators that may not sign in any more then: ${listed(gone)}`] : []),
    ...(changed.length > 0 ? [`operators with their password and role of then: ${listed(changed)}`] : []),
  ]
}

const listed = (operators: readonly OperatorSetup[]): string =>
  operators.map(({ name, role }) => `${name} (${role})`).join(', ')

/** Files that a setup names are not copied with it. */
function missingFiles({ upstreams, console, alerts }: Setup): readonly string[] {
  const named = [
    ...upstreams.flatMap(({ name, caFile, credential }) => [
      { where: `upstream ${JSON.stringify(name)}: ca_file`, file: caFile },
      {
        where: `upstream ${JSON.stringify(name)}: certificate_file`,
        file: credential.kind === 'client-certificate' ? credential.certificateFile : '',
      },
    ]),
    { where: 'console: certificate_file', file: console.certificateFile },
    { where: 'alerts: ca_file', file: alerts.caFile },
  ]
  return named
    .filter(({ file }) => file !== '' && !isPem(file) && !existsSync(file))
    .map(({ where, file }) => `${where}: ${file} is not on this box`)
}

const everywhere = new Set(['0.0.0.0', '::'])

/** Told before: such a listener is closed, and the console is served elsewhere. */
function strangeAddresses({ listeners, console }: Setup): readonly string[] {
  const own = new Set([...everywhere, ...ownAddresses()])
  const isStrange = (address: string): boolean =>
    !own.has(address) && !address.startsWith('127.') && address !== '::1'
  return [
    ...listeners
      .filter(({ address }) => isStrange(address))
      .map(
        ({ name, address }) =>
          `listener ${JSON.stringify(name)}: ${address} is not an address of this box: it stays closed until this box has it, or another one is set`,
      ),
    ...(isStrange(console.address) ? [`console: ${console.address} is not an address of this box`] : []),
  ]
}
