import type { MachineSigns } from '../core/machine-troubles.ts'
import type { MetricFamily, MetricSample } from './exposition.ts'

/** What the machine tells of itself; what it does not tell is not there. Ports are labels, addresses never. */
export function machineFamilies(signs: MachineSigns): readonly MetricFamily[] {
  const { temperature, power, throttling, memory, disk, fileSystem, flash, time, network } = signs
  return [
    gauge('temperature_celsius', 'Of the warmest sensor.', one(temperature)),
    gauge(
      'undervoltage',
      '1 while the power supply is too weak.',
      one(power && flag(power.now.includes('undervoltage'))),
    ),
    gauge(
      'throttled',
      '1 while the processor is held back for its heat.',
      one(throttling && flag(throttling.isNow)),
    ),
    gauge('memory_available_bytes', 'Memory of the machine that is there for use.', one(memory?.available)),
    gauge('memory_pressure_percent', 'Time of the last minute in which some or all waited for memory.', [
      ...labelled('kind', 'some', memory?.pressure?.some),
      ...labelled('kind', 'full', memory?.pressure?.full),
    ]),
    gauge('disk_hours_left', 'Until mail is refused, as the disk fills now.', one(disk?.hoursLeft)),
    gauge('card_written_bytes', 'Written to what holds the data.', [
      ...labelled('since', 'boot', flash?.writtenSinceBoot),
      ...labelled('since', 'ever', flash?.writtenEver),
    ]),
    gauge('card_life_used_percent', 'As the card says it, at most.', one(flash?.lifeUsed)),
    gauge('card_faults', 'Faults that the kernel found in the file system.', one(fileSystem?.errors)),
    gauge(
      'card_read_only',
      '1 while the file system takes no writes.',
      one(fileSystem && flag(fileSystem.isReadOnly)),
    ),
    gauge('clock_believable', '0 while the clock can not be right.', one(flag(time.believable))),
    gauge(
      'clock_synchronised',
      '1 once a time server was heard since boot.',
      one(time.synchronised === undefined ? undefined : flag(time.synchronised)),
    ),
    gauge(
      'network_up',
      '1 while a port is connected.',
      network.flatMap(({ name, isUp }) => labelled('port', name, flag(isUp))),
    ),
    gauge(
      'names_answered',
      '1 while the DNS answers.',
      one(signs.doNamesAnswer === undefined ? undefined : flag(signs.doNamesAnswer)),
    ),
  ]
}

const gauge = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
  name,
  help,
  type: 'gauge',
  samples,
})

const flag = (isSo: boolean): number => (isSo ? 1 : 0)

const one = (value: number | undefined): readonly MetricSample[] =>
  value === undefined ? [] : [{ labels: {}, value }]

const labelled = (label: string, name: string, value: number | undefined): readonly MetricSample[] =>
  value === undefined ? [] : [{ labels: { [label]: name }, value }]
