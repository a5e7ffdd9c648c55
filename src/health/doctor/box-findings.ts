import type { RaisedAlert } from '../../core/alerts.ts'
import type { Finding } from '../../core/diagnosis.ts'
import type { MachineSigns } from '../../core/machine-troubles.ts'
import type { DeviceView, StatusView, UpstreamView } from '../../core/operations.ts'
import { describeSize } from '../../core/size.ts'
import { day, hour, type WallMs } from '../../core/time.ts'
import { about, attention, ok, trouble } from './finding.ts'
import { isToldOfMachine, machineFindings } from './machine-findings.ts'

/** Something that ends on a day: a secret, a certificate. */
export interface Expiry {
  readonly upstream: string
  /** `client secret`, `certificate` … */
  readonly what: string
  readonly at: WallMs
}

export interface BoxFacts {
  readonly status: StatusView
  readonly devices: readonly DeviceView[]
  readonly expiries: readonly Expiry[]
  readonly machine: MachineSigns
}

/** The box itself: what it says of itself anyway, as findings. */
export function boxFindings({ status, devices, expiries, machine }: BoxFacts): readonly Finding[] {
  const now = status.clock.wall
  return [
    runningFinding(status),
    diskFinding(status),
    vaultFinding(status),
    ...(status.running ? [listenersFinding(status)] : []),
    queueFinding(status),
    ...upstreamFindings(status),
    ...alertFindings(status.alerts),
    ...machineFindings(machine),
    weakFinding(devices),
    ...expiries
      .filter(({ upstream }) => !isAlerted(upstream, status.alerts))
      .flatMap((expiry) => expiryFinding(expiry, now)),
  ]
}

/** The calendar has told of it already, 60 days before. */
const isAlerted = (upstream: string, alerts: readonly RaisedAlert[]): boolean =>
  alerts.some(
    ({ key }) => key === `expires/secret/${upstream}` || key === `expires/client-certificate/${upstream}`,
  )

function runningFinding({ running }: StatusView): Finding {
  const subject = about('box', 'gateway')
  if (running) return ok(subject, 'The gateway is running.')
  return attention(
    subject,
    'The gateway is not running: printers are refused and nothing is sent.',
    'Start it: `inkpost serve`, or `systemctl start inkpost` where it is installed.',
  )
}

function diskFinding({ disk, alerts }: StatusView): Finding {
  const subject = about('box', 'disk')
  const free = `${describeSize(disk.freeBytes)} free`
  if (!disk.writable) {
    return trouble(
      subject,
      `Mail can't be stored: ${disk.detail || 'the disk takes no writes'}.`,
      'Make room, or replace the disk or SD card if it went read-only.',
      [free],
    )
  }
  const full = alerts.find(({ key }) => key === 'disk-nearly-full')
  return full ? attention(subject, full.sentence, full.remedy, [free]) : ok(subject, `The disk has ${free}.`)
}

function vaultFinding({ vault }: StatusView): Finding {
  const subject = about('box', 'vault')
  if (vault === 'open') return ok(subject, 'The vault is open.')
  return trouble(
    subject,
    'The vault is locked: vault.key is lost or another one. Nobody signs in by password, nothing is sent.',
    'Put the right vault.key back and start again; if it is lost, see "The vault key" in docs/operations.md.',
  )
}

function listenersFinding({ listeners }: StatusView): Finding {
  const subject = about('box', 'listeners')
  const deaf = listeners.filter(({ trouble: why }) => why !== '')
  if (listeners.length === 0)
    return trouble(subject, 'No listener is set up: no printer can reach the box.', 'Add a [[listener]].')
  if (deaf.length === 0)
    return ok(subject, `Every listener accepts (${listeners.map(({ port }) => port).join(', ')}).`)
  return trouble(
    subject,
    deaf.map(({ name, port, trouble: why }) => `Listener ${name} can't open port ${port}: ${why}.`).join(' '),
    'End the other program on that port, or choose another port.',
  )
}

/** Mail that waits longer has met something that does not pass by itself. */
const longWaitMs = 4 * hour

function queueFinding({ queue, clock }: StatusView): Finding {
  const subject = about('box', 'queue')
  if (queue.oldestOpen === undefined) return ok(subject, 'No mail waits.')
  const hours = Math.floor((clock.wall - queue.oldestOpen) / hour)
  if (clock.wall - queue.oldestOpen < longWaitMs) return ok(subject, 'Mail is on its way.')
  return attention(
    subject,
    `The oldest mail has waited for ${hours} hours.`,
    '`inkpost queue` says what each waits for.',
    Object.entries(queue.waitingByUpstream).map(([upstream, count]) => `${count} wait for ${upstream}`),
  )
}

function upstreamFindings({ upstreams }: StatusView): readonly Finding[] {
  const subject = about('service', 'ways-out')
  if (upstreams.length === 0) {
    return [
      attention(subject, 'No way out is set up: mail waits.', 'Add an [[upstream]] to the setup document.'),
    ]
  }
  return upstreams.flatMap(stateFinding)
}

function stateFinding({ name, state, reason, remedy, waiting }: UpstreamView): readonly Finding[] {
  const subject = about('service', `upstream/${name}`)
  if (state !== 'paused') return []
  return [trouble(subject, `${name} is paused: ${reason}`, remedy, [`${waiting} wait for it`])]
}

/** Told by findings of their own. */
const toldElsewhere =
  /^(upstream-paused\/|disk-nearly-full$|spool-not-writable$|vault-locked$|clock-not-believable$|mail-waits$)/

const alertFindings = (alerts: readonly RaisedAlert[]): readonly Finding[] =>
  alerts
    .filter(({ key }) => !toldElsewhere.test(key) && !isToldOfMachine(key))
    .map(({ key, severity, sentence, remedy }) =>
      severity === 'notice'
        ? ok(about('box', `alert/${key}`), sentence)
        : (severity === 'alarm' ? trouble : attention)(about('box', `alert/${key}`), sentence, remedy),
    )

/** What old printers do is what the box is for: said, and nothing to be done. */
function weakFinding(devices: readonly DeviceView[]): Finding {
  const subject = about('box', 'weak-devices')
  const weak = devices.filter((device) => device.weak !== '')
  if (weak.length === 0) return ok(subject, 'No device was seen with weak encryption or sign-in.')
  return ok(
    subject,
    `${weak.length === 1 ? 'One device is' : `${weak.length} devices are`} weak: \`inkpost device list\` says which.`,
    weak.map(({ name, weak: what }) => `${name}: ${what}`),
  )
}

function expiryFinding({ upstream, what, at }: Expiry, now: WallMs): readonly Finding[] {
  const subject = about('service', `expires/${upstream}`)
  const days = Math.floor((at - now) / day)
  const date = new Date(at).toISOString().slice(0, 10)
  const remedy = 'Make a new one and enter it before that day; the old one serves until then.'
  if (days < 0)
    return [trouble(subject, `The ${what} of ${upstream} ended on ${date}.`, 'Make a new one and enter it.')]
  if (days <= 30)
    return [attention(subject, `The ${what} of ${upstream} ends on ${date}, in ${days} days.`, remedy)]
  return [ok(subject, `The ${what} of ${upstream} lasts until ${date}.`)]
}
