import type { Alert } from './alerts.ts'
import { dateOf } from './local-time.ts'
import { type Disk, healthStates, type MachineHealth, type NetworkPort } from './machine-health.ts'
import { describeSize } from './size.ts'

/** What can be wrong with a machine, each the key of its alert. */
export const machineTroubles = [
  'too-warm',
  'undervoltage',
  'memory-short',
  'card-read-only',
  'card-faults',
  'card-worn',
  'disk-filling',
  'clock-not-set',
  'no-network',
  'no-address',
  'no-router',
  'no-name-service',
] as const
export type MachineTroubleKind = (typeof machineTroubles)[number]

export interface MachineTrouble extends Pick<Alert, 'severity' | 'sentence' | 'remedy'> {
  readonly kind: MachineTroubleKind
}

/** What is known of the machine but its name, and what the DNS did when it was asked last. */
export interface MachineSigns extends Omit<MachineHealth, 'machine'> {
  /** Absent: it was not asked. */
  readonly doNamesAnswer?: boolean
}

/** Everything that is wrong. Sentences stay the same while nothing gets worse: they are kept on the very card. */
export const troublesOf = (signs: MachineSigns): readonly MachineTrouble[] => [
  ...warm(signs),
  ...weak(signs),
  ...short(signs),
  ...damaged(signs),
  ...worn(signs),
  ...filling(signs.disk),
  ...unset(signs),
  ...cutOff(signs),
]

function warm({ temperature, throttling }: MachineSigns): readonly MachineTrouble[] {
  const isSlow = throttling?.isNow === true
  const step = [85, 80].find((celsius) => (temperature ?? 0) >= celsius)
  if (!isSlow && step === undefined) return []
  const heat = step === undefined ? 'too warm' : `warmer than ${step} °C`
  return [
    {
      kind: 'too-warm',
      severity: 'warning',
      sentence: `The box is ${heat}${isSlow ? ' and slows down' : ''}.`,
      remedy:
        'Give it air: not on a printer, not in the sun, nothing on top of it. Its fan may have stopped.',
    },
  ]
}

function weak({ power }: MachineSigns): readonly MachineTrouble[] {
  if (power?.now.includes('undervoltage') !== true) return []
  return [
    {
      kind: 'undervoltage',
      severity: 'warning',
      sentence: 'The power supply gives too little voltage: cards break that way.',
      remedy: 'Use the power supply that is made for this board, with a short cable.',
    },
  ]
}

function short({ memory }: MachineSigns): readonly MachineTrouble[] {
  if (!memory || healthStates.memory(memory) !== 'trouble') return []
  return [
    {
      kind: 'memory-short',
      severity: 'warning',
      sentence: 'Memory is short: the box is slow, and the kernel may end it.',
      remedy: 'See what else runs on it, or lower memory and connections in [limits].',
    },
  ]
}

function damaged({ fileSystem }: MachineSigns): readonly MachineTrouble[] {
  if (!fileSystem) return []
  const { isReadOnly, errors = 0, firstErrorAt } = fileSystem
  if (isReadOnly)
    return [
      {
        kind: 'card-read-only',
        severity: 'alarm',
        sentence: 'The card or disk takes no writes any more: no mail is taken.',
        remedy:
          'Switch the box off and on: its file system is repaired then. If it comes back, replace the card; the mail on it is read by the new box.',
      },
    ]
  if (errors === 0) return []
  const since = firstErrorAt === undefined ? '' : ` since ${dateOf(firstErrorAt)}`
  return [
    {
      kind: 'card-faults',
      severity: 'warning',
      sentence: `The kernel has found faults on the card or disk${since}.`,
      remedy:
        'Make a backup now. Switch the box off and on to have it repaired; if faults come back, replace the card.',
    },
  ]
}

function worn({ flash }: MachineSigns): readonly MachineTrouble[] {
  if (!flash) return []
  const state = healthStates.flash(flash)
  if (state === 'ok') return []
  const isOver = state === 'trouble'
  return [
    {
      kind: 'card-worn',
      severity: isOver ? 'alarm' : 'warning',
      sentence: isOver
        ? 'The card or disk has reached the end of its life.'
        : 'The card or disk has used up most of its life.',
      remedy: 'Make a backup and replace the card.',
    },
  ]
}

/** Hours below which it is told; in steps, or the sentence would be another one with each look. */
const hourSteps = [2, 6, 12, 24, 48]

function filling(disk: Disk | undefined): readonly MachineTrouble[] {
  const step = hourSteps.find((hours) => (disk?.hoursLeft ?? Number.POSITIVE_INFINITY) < hours)
  if (disk === undefined || step === undefined) return []
  return [
    {
      kind: 'disk-filling',
      severity: step <= 12 ? 'alarm' : 'warning',
      sentence: `As it fills now, the disk (${describeSize(disk.total)}) is full in less than ${step} hours: then no mail is taken.`,
      remedy:
        '`inkpost queue` says what waits and for what; drop what nobody needs, or keep history for a shorter time.',
    },
  ]
}

function unset({ time: { believable, synchronised } }: MachineSigns): readonly MachineTrouble[] {
  // One that can not be right is an alert of its own, by which sending waits.
  if (!believable || synchronised !== false) return []
  return [
    {
      kind: 'clock-not-set',
      severity: 'notice',
      sentence: 'No time server was heard since the box was switched on: its clock may be off.',
      remedy: 'Let the box reach a time server (NTP, UDP port 123).',
    },
  ]
}

/** The first thing that is missing on the way out, as the others follow from it. */
function cutOff(signs: MachineSigns): readonly MachineTrouble[] {
  const { network, router, nameServers, doNamesAnswer } = signs
  const up = network.filter(({ isUp }) => isUp)
  if (up.length === 0)
    return [
      missing(
        'no-network',
        'The box is in no network: no cable, or no Wi-Fi.',
        'Plug the cable in; look at the lamp of the switch.',
      ),
    ]
  if (!up.some(hasAddress))
    return [
      missing(
        'no-address',
        'The box has no address: nobody gave it one.',
        'Look whether the router gives addresses (DHCP), or give the box a fixed one.',
      ),
    ]
  if (router === undefined)
    return [
      missing(
        'no-router',
        'The box knows no router: nothing gets out of this network.',
        'Complete the gateway in its network settings, or at the DHCP server.',
      ),
    ]
  if (nameServers.length === 0)
    return [
      missing(
        'no-name-service',
        'The box knows no DNS server: no way out is found.',
        'Complete DNS in its network settings, or at the DHCP server.',
      ),
    ]
  if (doNamesAnswer === false)
    return [
      missing(
        'no-name-service',
        'The DNS server does not answer: no way out is found.',
        '`inkpost doctor` says which; look at the line and at the router.',
      ),
    ]
  return []
}

const missing = (kind: MachineTroubleKind, sentence: string, remedy: string): MachineTrouble => ({
  kind,
  severity: 'warning',
  sentence,
  remedy,
})

/** One that a machine gives itself leads to nobody (RFC 3927, RFC 4291 section 2.5.6). */
const hasAddress = ({ addresses }: NetworkPort): boolean =>
  addresses.some((address) => !/^(169\.254\.|fe[89ab][0-9a-f]:)/i.test(address))
