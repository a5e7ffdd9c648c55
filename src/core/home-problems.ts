import type { RaisedAlert } from './alerts.ts'
import { expiryAlertPrefix } from './calendar.ts'
import type { HomeDevice, HomeProblem, ToldProblem } from './home.ts'
import { told } from './home-words.ts'
import type { StatusView } from './operations.ts'
import type { UpstreamSetup } from './setup.ts'
import { waitingOn } from './step-delivery.ts'

export interface HomeFacts {
  readonly status: StatusView
  readonly setup: { readonly upstreams: readonly Pick<UpstreamSetup, 'enabled'>[] }
  readonly devices: readonly HomeDevice[]
  /** What this release could not read of the stored setup. */
  readonly misfits: readonly string[]
  readonly unadopted: readonly { readonly mails: number }[]
}

/** The worst first: what keeps mail from being taken, then from being sent, then what will, then single devices. */
const order: readonly HomeProblem['kind'][] = [
  'not-running',
  'nothing-accepted',
  'disk-full',
  'vault-locked',
  'clock-wrong',
  'setup-not-understood',
  'no-way-out',
  'upstream-paused',
  'listener-closed',
  'alert',
  'expiry',
  'device-trouble',
  'unadopted-mail',
]
const grades = ['alarm', 'warning', 'notice'] as const

/** Everything that is wrong, the worst first. An alert that says what is said here in other words is not told again. */
export function problemsOf(facts: HomeFacts): readonly ToldProblem[] {
  const seen = [
    ...boxProblems(facts),
    ...wayProblems(facts),
    ...facts.devices.flatMap(deviceProblem),
    ...unadoptedProblem(facts),
  ]
  const alerts = facts.status.alerts.filter(
    ({ key }) =>
      !seen.some((problem) => isToldBy(key, problem)) &&
      !(isReadOnly(facts.status) && key === 'spool-not-writable'),
  )
  const problems = [...seen, ...alerts.map(alertProblem)]
  return problems.toSorted(
    (a, b) =>
      grades.indexOf(a.severity) - grades.indexOf(b.severity) ||
      order.indexOf(a.problem.kind) - order.indexOf(b.problem.kind),
  )
}

function boxProblems({ status, misfits }: HomeFacts): readonly ToldProblem[] {
  const { running, listeners, disk, vault, clock } = status
  const closed = listeners.filter(({ trouble }) => trouble !== '')
  const isDeaf = running && closed.length === listeners.length
  const problems: readonly (HomeProblem | false)[] = [
    !running && { kind: 'not-running' },
    isDeaf && {
      kind: 'nothing-accepted',
      detail: closed.map(({ port, trouble }) => `Port ${port}: ${trouble}.`).join(' '),
    },
    // A card that takes nothing is not full: its own alert says what helps.
    !disk.writable &&
      !isReadOnly(status) && { kind: 'disk-full', freeBytes: disk.freeBytes, detail: detailOf(disk.detail) },
    vault === 'locked' && { kind: 'vault-locked' },
    !clock.believable && { kind: 'clock-wrong', wall: clock.wall },
    misfits.length > 0 && { kind: 'setup-not-understood', detail: misfits.join('; ') },
    ...(running && !isDeaf
      ? closed.map(({ name, port, trouble }) => ({
          kind: 'listener-closed' as const,
          listener: name,
          port,
          detail: trouble,
        }))
      : []),
  ]
  return problems.filter((problem) => problem !== false).map((problem) => told(problem))
}

const isReadOnly = ({ alerts }: StatusView): boolean => alerts.some(({ key }) => key === 'card-read-only')

const detailOf = (detail: string): string =>
  detail === '' ? '' : `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`

function wayProblems({ status, setup }: HomeFacts): readonly ToldProblem[] {
  if (!setup.upstreams.some(({ enabled }) => enabled)) return [told({ kind: 'no-way-out' })]
  return status.upstreams
    .filter(({ state }) => state === 'paused')
    .map(({ name, reason, remedy, waiting, nextTryInMs, byOperator }) =>
      told({
        kind: 'upstream-paused',
        upstream: name,
        reason,
        remedy,
        byOperator: byOperator ?? false,
        waiting,
        nextTryInMs,
      }),
    )
}

/** What an alert of that key says is said by a problem of that kind, where there is one. */
const sameAs: Readonly<Record<string, HomeProblem['kind']>> = {
  'disk-nearly-full': 'disk-full',
  'spool-not-writable': 'disk-full',
  'vault-locked': 'vault-locked',
  'clock-not-believable': 'clock-wrong',
  'setup-not-understood': 'setup-not-understood',
  'no-way-out': 'no-way-out',
  'unadopted-mail': 'unadopted-mail',
}

function isToldBy(key: string, { problem }: ToldProblem): boolean {
  if (problem.kind !== 'upstream-paused') return sameAs[key] === problem.kind
  const prefix = 'upstream-paused/'
  return key.startsWith(prefix) && waitingOn(key.slice(prefix.length)).upstream === problem.upstream
}

function alertProblem({ key, sentence, remedy, severity }: RaisedAlert): ToldProblem {
  const kind = key.startsWith(expiryAlertPrefix) ? 'expiry' : 'alert'
  return told({ kind, key, sentence, remedy }, severity)
}

function deviceProblem({ name, health }: HomeDevice): readonly ToldProblem[] {
  return health.kind === 'trouble' ? [told({ kind: 'device-trouble', device: name, health })] : []
}

function unadoptedProblem({ unadopted }: HomeFacts): readonly ToldProblem[] {
  if (unadopted.length === 0) return []
  const mails = unadopted.reduce((sum, each) => sum + each.mails, 0)
  return [told({ kind: 'unadopted-mail', mails, devices: unadopted.length })]
}
