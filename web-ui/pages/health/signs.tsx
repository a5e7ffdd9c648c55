import {
  type FileSystem,
  type Flash,
  healthStates,
  type MachineHealth,
  type Throttling,
  type TimeSource,
} from '../../../src/core/machine-health.ts'
import { hour } from '../../../src/core/time.ts'
import { formatDay, formatList, formatShare, formatSize, formatSpan } from '../../words/formats.ts'
import { formatNumber, t } from '../../words/language.ts'
import { Sign } from './sign.tsx'

type Known<Key extends keyof MachineHealth> = Exclude<MachineHealth[Key], undefined>

export function TimeSign({ time }: { readonly time: TimeSource }) {
  const word = !time.believable ? 'wrong' : time.synchronised === false ? 'unset' : 'ok'
  return (
    <Sign
      name={t('health.time')}
      state={healthStates.time(time)}
      words={t(`health.time-${word}`)}
      cure={t('health.time-cure')}
      facts={[{ label: t('health.time-battery'), value: t(time.hasBattery ? 'health.yes' : 'health.no') }]}
    />
  )
}

export function PowerSign({ power }: { readonly power: Known<'power'> }) {
  const { now, sinceBoot } = power
  const named = (troubles: typeof now) => formatList(troubles.map((trouble) => t(`health.${trouble}`)))
  const words =
    now.length > 0
      ? t('health.power-now', { troubles: named(now) })
      : sinceBoot.length > 0
        ? t('health.power-before', { troubles: named(sinceBoot) })
        : t('health.power-ok')
  return (
    <Sign
      name={t('health.power')}
      state={healthStates.power(power)}
      words={words}
      cure={t('health.power-cure')}
    />
  )
}

export function TemperatureSign({
  celsius,
  throttling,
}: {
  readonly celsius: number
  readonly throttling: Throttling | undefined
}) {
  const degrees = `${formatNumber(Math.round(celsius))} °C`
  return (
    <Sign
      name={t('health.temperature')}
      state={healthStates.temperature(celsius, throttling)}
      words={throttling?.isNow ? t('health.held-back', { celsius: degrees }) : degrees}
      cure={t('health.temperature-cure')}
    />
  )
}

export function DiskSign({ disk }: { readonly disk: Known<'disk'> }) {
  return (
    <Sign
      name={t('health.disk')}
      state={healthStates.disk(disk)}
      words={t('health.disk-line', { free: formatSize(disk.free), total: formatSize(disk.total) })}
      cure={t('health.disk-cure')}
      facts={optional(t('health.disk-hours'), disk.hoursLeft, (hours) => formatSpan(hours * hour))}
    />
  )
}

export function FileSystemSign({ fileSystem }: { readonly fileSystem: FileSystem }) {
  const { isReadOnly, errors = 0, lastErrorAt } = fileSystem
  const words = isReadOnly
    ? t('health.file-system-read-only')
    : errors > 0
      ? t('health.file-system-faults', { count: errors })
      : t('health.file-system-ok')
  return (
    <Sign
      name={t('health.file-system')}
      state={healthStates.fileSystem(fileSystem)}
      words={words}
      cure={t('health.file-system-cure')}
      facts={optional(t('health.file-system-last'), lastErrorAt, (at) => formatDay(at))}
    />
  )
}

export function FlashSign({ flash }: { readonly flash: Flash }) {
  const { device, model, writtenSinceBoot, writtenEver, lifeUsed, reserve } = flash
  return (
    <Sign
      name={t('health.flash')}
      state={healthStates.flash(flash)}
      words={<bdi>{model === '' ? device : `${model} (${device})`}</bdi>}
      cure={t('health.flash-cure')}
      facts={[
        ...optional(t('health.flash-written'), writtenSinceBoot, formatSize),
        ...optional(t('health.flash-written-ever'), writtenEver, formatSize),
        ...optional(t('health.flash-life'), lifeUsed, (percent) =>
          t('health.flash-life-line', { share: formatShare(percent / 100) }),
        ),
        ...optional(t('health.flash-reserve'), reserve, (word) => t(`health.reserve-${word}`)),
      ]}
    />
  )
}

export function MemorySign({ memory, own }: { readonly memory: Known<'memory'>; readonly own: number }) {
  const { total, available, swapUsed, pressure } = memory
  return (
    <Sign
      name={t('health.memory')}
      state={healthStates.memory(memory)}
      words={t('health.memory-line', { available: formatSize(available), total: formatSize(total) })}
      cure={t('health.memory-cure')}
      facts={[
        { label: t('health.memory-own'), value: formatSize(own) },
        { label: t('health.memory-swap'), value: formatSize(swapUsed) },
        ...optional(t('health.memory-waits'), pressure, ({ some }) =>
          t('health.memory-waits-line', { share: formatShare(some / 100) }),
        ),
      ]}
    />
  )
}

export function LoadSign({ load }: { readonly load: Known<'load'> }) {
  const { per15Minutes, processors } = load
  return (
    <Sign
      name={t('health.load')}
      state={healthStates.load(load)}
      words={t('health.load-line', { load: per15Minutes, processors })}
    />
  )
}

/** A fact where it is known. */
function optional<T>(label: string, value: T | undefined, words: (value: T) => string) {
  return value === undefined ? [] : [{ label, value: words(value) }]
}
