import type { Finding } from '../../core/diagnosis.ts'
import {
  type MachineSigns,
  type MachineTrouble,
  type MachineTroubleKind,
  machineTroubles,
  troublesOf,
} from '../../core/machine-troubles.ts'
import { about, attention, ok, trouble } from './finding.ts'

/** What the doctor asks more of, and tells by findings of their own. */
const askedElsewhere: readonly MachineTroubleKind[] = [
  'clock-not-set',
  'no-network',
  'no-address',
  'no-router',
  'no-name-service',
]

/** The machine under the gateway: each trouble, or that there is none with what that stands on. */
export function machineFindings(signs: MachineSigns): readonly Finding[] {
  const troubles = troublesOf(signs).filter(({ kind }) => !askedElsewhere.includes(kind))
  if (troubles.length > 0) return troubles.map(findingOf)
  return [ok(about('box', 'machine'), 'The machine is well.', evidenceOf(signs))]
}

const findingOf = ({ kind, severity, sentence, remedy }: MachineTrouble): Finding =>
  (severity === 'alarm' ? trouble : attention)(about('box', `machine/${kind}`), sentence, remedy)

/** An alert that these findings, or those of clock and network, tell. */
export const isToldOfMachine = (key: string): boolean => machineTroubles.some((kind) => kind === key)

function evidenceOf({ temperature, power, memory, fileSystem, flash }: MachineSigns): readonly string[] {
  return [
    ...(temperature === undefined ? [] : [`${Math.round(temperature)} °C`]),
    ...(power ? ['the power supply is strong enough'] : []),
    ...(memory ? [`${Math.round((memory.available / memory.total) * 100)} % of the memory is free`] : []),
    ...(fileSystem?.errors === undefined ? [] : ['the kernel has found no fault on the card or disk']),
    ...(flash?.lifeUsed === undefined
      ? []
      : [`at most ${flash.lifeUsed} % of the life of the card is used up`]),
  ]
}
